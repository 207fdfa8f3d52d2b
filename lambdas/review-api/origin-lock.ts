import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Log } from '../../core/ports.ts'
import type { ApiError } from '../../review-api/contract.ts'
import { ORIGIN_HEADER } from './env.ts'

/**
 * Lets in only what came through CloudFront, which adds a secret header: the API's own address is public too, and
 * calls to it would pass by the firewall, its rate limit and the security headers.
 */
export function originLock(secret: string, log: Log): MiddlewareHandler {
  const wanted = digest(secret)
  return async (context, next) => {
    // Compared as digests: of equal length whatever was sent, in a time that tells nothing of how much was right.
    if (timingSafeEqual(digest(context.req.header(ORIGIN_HEADER) ?? ''), wanted)) return next()
    log.warn('origin.refused', { method: context.req.method })
    const error: ApiError = { error: 'forbidden', message: 'The API is reached through the address of the page.' }
    return context.json(error, 403)
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()
