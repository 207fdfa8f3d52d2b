import { request, type OutgoingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'

export type LocalRequest = { method?: string; headers?: OutgoingHttpHeaders; body?: string }

/** Statuses that the Response constructor accepts only without a body. */
const BODILESS = new Set([204, 205, 304])

/**
 * `fetch` for addresses below `.localhost` (CloudFront and API Gateway on MiniStack). Browsers and curl resolve them
 * to this machine; Node asks the system, which does not know them, and Node's own fetch refuses to send another Host.
 * Redirects are not followed: sign-in tests want to see them.
 */
export async function fetchLocalHost(url: string | URL, options: LocalRequest = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
      agent: false, // one connection a request: an idle one would hold up MiniStack's stop
      lookup: (_host, { all }, found) =>
        all === true ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
    })
    sent.once('error', reject)
    sent.once('response', (incoming) => {
      const headers = new Headers()
      for (const [name, values] of Object.entries(incoming.headersDistinct)) {
        for (const value of values ?? []) headers.append(name, value)
      }
      const status = incoming.statusCode ?? 0
      buffer(incoming).then(
        (body) => resolve(new Response(BODILESS.has(status) ? null : new Uint8Array(body), { status, headers })),
        reject,
      )
    })
    sent.end(options.body)
  })
}
