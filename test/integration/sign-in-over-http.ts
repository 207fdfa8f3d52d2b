import { createHash, randomBytes } from 'node:crypto'

/** What a browser does at the sign-in of the one-machine home, step by step: authorization code with PKCE. */

export interface Tokens {
  access_token: string
  id_token: string
  refresh_token: string
  expires_in: number
}

export interface SignInAttempt {
  origin: string
  username: string
  password: string
  clientId?: string
  redirectUri?: string
}

export class SignInRefused extends Error {
  override name = 'SignInRefused'
  readonly status: number
  readonly page: string
  constructor(status: number, page: string) {
    super(`sign-in was answered with ${status}`)
    this.status = status
    this.page = page
  }
}

export async function signInOverHttp(attempt: SignInAttempt): Promise<Tokens> {
  const { origin, username, password, clientId = 'review-page', redirectUri = `${origin}/` } = attempt
  const visit = aBrowser()
  const verifier = randomBytes(32).toString('base64url')
  const authorize = new URL(`${origin}/sign-in/auth`)
  authorize.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile',
    state: 'some-state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()

  const toForm = await visit(authorize)
  if (toForm.status !== 303) throw new SignInRefused(toForm.status, await toForm.text())
  const form = new URL(toForm.headers.get('location') ?? '', origin)
  const shown = await visit(form)
  if (shown.status !== 200) throw new SignInRefused(shown.status, await shown.text())
  let answer = await visit(form, { method: 'POST', body: new URLSearchParams({ username, password }) })
  for (let step = 0; step < 5 && answer.status === 303; step++) {
    const next = new URL(answer.headers.get('location') ?? '', origin)
    const code = next.searchParams.get('code')
    if (code !== null) return exchange(origin, { code, verifier, clientId, redirectUri })
    answer = await visit(next)
  }
  throw new SignInRefused(answer.status, await answer.text())
}

async function exchange(
  origin: string,
  given: { code: string; verifier: string; clientId: string; redirectUri: string },
): Promise<Tokens> {
  return tokens(origin, {
    grant_type: 'authorization_code',
    code: given.code,
    code_verifier: given.verifier,
    client_id: given.clientId,
    redirect_uri: given.redirectUri,
  })
}

export async function tokens(origin: string, fields: Record<string, string>): Promise<Tokens> {
  const answer = await fetch(`${origin}/sign-in/token`, { method: 'POST', body: new URLSearchParams(fields) })
  if (!answer.ok) throw new SignInRefused(answer.status, await answer.text())
  return (await answer.json()) as Tokens
}

/** Keeps cookies by name and path prefix, and follows no redirect by itself. */
export function aBrowser(): (url: URL, init?: RequestInit) => Promise<Response> {
  const cookies = new Map<string, { value: string; path: string }>()
  return async (url, init = {}) => {
    const cookie = [...cookies]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const name = pair.slice(0, at)
      const path = attributes.find((one) => one.toLowerCase().startsWith('path='))?.slice(5) ?? '/'
      const expired = attributes.some((one) => /^expires=thu, 01 jan 1970/i.test(one))
      if (expired) cookies.delete(name)
      else cookies.set(name, { value: pair.slice(at + 1), path })
    }
    return answer
  }
}
