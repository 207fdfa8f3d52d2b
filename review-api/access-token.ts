import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod'
import type { Clock } from '../core/ports.ts'
import { principalFromClaims, type Principal } from './principal.ts'

export interface AccessTokenRules {
  /** Exactly the `iss` of good tokens. */
  issuer: string
  /** The app client that the token was issued to (`client_id`). */
  clientId: string
  /** The resource that the token is for (`aud`). Cognito's access tokens have none; where there is one it must be this. */
  audience: string
  /** What the token must allow (one of the words of `scope`). @default nothing is asked for */
  scope?: string
  /** `createLocalJWKSet(...)` on one machine, `createRemoteJWKSet(...)` on AWS. */
  keys: JWTVerifyGetKey
  clock: Clock
}

export type VerifyToken = (token: string) => Promise<Verified>
export type Verified = { principal: Principal } | { refused: string }

/** Only what signs with a private key: a shared secret or `none` has no place here. */
const ALGORITHMS = ['RS256', 'ES256', 'PS256', 'EdDSA']

/** Seconds by which the issuer's clock and ours may differ. */
const CLOCK_TOLERANCE = 5

/** Tokens are checked by signature once and then known until they end; more than this many at a time are not kept. */
const MOST_KNOWN = 1000

const TokenClaimsSchema = z.looseObject({
  exp: z.number(),
  client_id: z.string(),
  token_use: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  scope: z.string().optional(),
})

/**
 * Verifies access tokens of either home. An ID token has the same signature and the same person in it, and opens
 * nothing: Cognito marks access tokens by `token_use: access`, RFC 9068 (the local sign-in) by the type `at+jwt`.
 * Resolves `refused` with a reason fit for a log; rejects only when the keys cannot be had, which a retry may cure.
 */
export function createVerifyToken(rules: AccessTokenRules): VerifyToken {
  const known = new Map<string, { principal: Principal; until: number }>()

  return async (token) => {
    const now = rules.clock.now()
    const hit = known.get(token)
    if (hit !== undefined) {
      if (now < hit.until) return { principal: hit.principal }
      known.delete(token)
    }
    const checked = await check(token, rules, now)
    if ('refused' in checked) return checked
    if (known.size >= MOST_KNOWN) {
      const oldest = known.keys().next()
      if (!oldest.done) known.delete(oldest.value)
    }
    known.set(token, checked)
    return { principal: checked.principal }
  }
}

async function check(
  token: string,
  rules: AccessTokenRules,
  now: number,
): Promise<{ principal: Principal; until: number } | { refused: string }> {
  const verified = await jwtVerify(token, rules.keys, {
    issuer: rules.issuer,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE,
    currentDate: new Date(now),
    requiredClaims: ['exp', 'sub'],
  }).catch(refusal)
  if ('refused' in verified) return verified

  const parsed = TokenClaimsSchema.safeParse(verified.payload)
  if (!parsed.success) return { refused: 'claims are missing' }
  const claims = parsed.data
  const type = verified.protectedHeader.typ?.toLowerCase().replace(/^application\//, '')
  const isAccessToken = claims.token_use === undefined ? type === 'at+jwt' : claims.token_use === 'access'
  if (!isAccessToken) return { refused: 'not an access token' }
  if (claims.client_id !== rules.clientId) return { refused: 'issued to another client' }
  const audience = claims.aud === undefined ? undefined : [claims.aud].flat()
  if (audience !== undefined && !audience.includes(rules.audience)) return { refused: 'meant for another audience' }
  if (rules.scope !== undefined && claims.scope?.split(' ').includes(rules.scope) !== true)
    return { refused: 'allows something else' }
  const principal = principalFromClaims(claims)
  if (principal === undefined) return { refused: 'names nobody' }
  return { principal, until: claims.exp * 1000 }
}

/** What is wrong with the token is an answer; that the key set cannot be reached is a fault. */
function refusal(error: unknown): { refused: string } {
  const unreachable = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid
  if (error instanceof errors.JOSEError && error.constructor !== errors.JOSEError && !unreachable)
    return { refused: error.code }
  throw error
}
