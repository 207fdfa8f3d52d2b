import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Principal } from '../../review-api/principal.ts'
import type { VerifyToken } from '../../review-api/access-token.ts'

/**
 * An OpenID Connect provider that asks nothing: whoever `person` is at that moment is signed in. The page goes through
 * the whole code flow with it; the one-machine test does so with the real provider.
 */
export interface InstantSignIn {
  person: Principal
  /** Seconds that the next access token is good for. */
  tokenSeconds: number
  /** Whether a refresh token comes with it. */
  refreshable: boolean
  /** A session as the page keeps it, for tests that are not about signing in. */
  sessionOf(person: Principal): string
  /** No token given out so far is good any more. */
  revokeAll(): void
  verifyToken: VerifyToken
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export const CLIENT_ID = 'review-page'

export function createInstantSignIn(origin: () => string, person: Principal): InstantSignIn {
  const issuer = () => `${origin()}/sign-in`
  const tokens = new Map<string, Principal>()
  const codes = new Map<string, Principal>()
  const refreshTokens = new Map<string, Principal>()
  let made = 0

  function issue(who: Principal) {
    const access_token = `token-${++made}-${who.reviewer}`
    tokens.set(access_token, who)
    return { access_token, expires_at: Math.floor(Date.now() / 1000) + provider.tokenSeconds }
  }

  function beginning(form: URLSearchParams): Principal | undefined {
    const who = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    return form.has('code_verifier') ? who : undefined
  }
  /** Each refresh token is good once, as the real providers have it for pages. */
  function refreshing(form: URLSearchParams): Principal | undefined {
    const who = refreshTokens.get(form.get('refresh_token') ?? '')
    refreshTokens.delete(form.get('refresh_token') ?? '')
    return who
  }
  function newRefreshToken(who: Principal): string {
    const token = `refresh-${++made}`
    refreshTokens.set(token, who)
    return token
  }

  const provider: InstantSignIn = {
    person,
    tokenSeconds: 3600,
    refreshable: false,
    sessionOf(who) {
      const { access_token, expires_at } = issue(who)
      return JSON.stringify({ access_token, expires_at, token_type: 'Bearer', scope: 'openid profile', profile: {} })
    },
    revokeAll: () => tokens.clear(),
    verifyToken: async (token) => {
      const principal = tokens.get(token)
      return principal === undefined ? { refused: 'not of this run' } : { principal }
    },
    async handle(request, response) {
      const url = new URL(request.url ?? '/', origin())
      const json = (body: unknown) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      const goTo = (to: string) => response.writeHead(302, { location: to }).end()
      switch (url.pathname) {
        case '/sign-in/.well-known/openid-configuration':
          json({
            issuer: issuer(),
            authorization_endpoint: `${issuer()}/auth`,
            token_endpoint: `${issuer()}/token`,
            end_session_endpoint: `${issuer()}/end`,
            jwks_uri: `${issuer()}/keys`,
          })
          return
        case '/sign-in/auth': {
          if (url.searchParams.get('code_challenge_method') !== 'S256') throw new Error('The page did not use PKCE.')
          const code = `code-${++made}`
          codes.set(code, provider.person)
          const back = new URL(url.searchParams.get('redirect_uri') ?? '/')
          back.searchParams.set('code', code)
          back.searchParams.set('state', url.searchParams.get('state') ?? '')
          goTo(back.href)
          return
        }
        case '/sign-in/token': {
          const form = new URLSearchParams(await bodyOf(request))
          const who = form.get('grant_type') === 'refresh_token' ? refreshing(form) : beginning(form)
          if (who === undefined) {
            response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}')
            return
          }
          json({
            access_token: issue(who).access_token,
            token_type: 'Bearer',
            expires_in: provider.tokenSeconds,
            scope: 'openid profile',
            id_token: unsigned({ iss: issuer(), sub: who.reviewer, aud: CLIENT_ID, name: who.name }),
            ...(provider.refreshable ? { refresh_token: newRefreshToken(who) } : {}),
          })
          return
        }
        case '/sign-in/end':
          goTo(url.searchParams.get('post_logout_redirect_uri') ?? '/')
          return
        default:
          response.writeHead(404).end()
      }
    },
  }
  return provider
}

/** The page reads an ID token that came over the back channel without checking its signature, as the standard allows. */
function unsigned(claims: Record<string, unknown>): string {
  const now = Math.floor(Date.now() / 1000)
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now, exp: now + 3600, ...claims })}.c2ln`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}
