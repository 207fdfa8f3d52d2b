import { createHash, randomBytes } from 'node:crypto'
import type { DeployedProduct } from './deployed-product.ts'
import { fetchLocalHost } from './ministack/fetch-local-host.ts'

export interface Tokens {
  access_token: string
  id_token: string
}

/** What the page does to get its tokens, over HTTP: Cognito's hosted page, authorization code, PKCE. */
export async function hostedSignIn(
  product: DeployedProduct,
  username: string,
  password: string,
  scope = 'openid profile review-api/review',
): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url')
  const asked = {
    client_id: product.clientId,
    redirect_uri: `${product.siteUrl}/`,
    response_type: 'code',
    scope,
    state: 'test',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  const sent = await form(`${product.signInUrl}/login`, { ...asked, username, password })
  const code = new URL(sent.headers.get('location') ?? 'http://none/').searchParams.get('code')
  if (code === null) throw new Error(`sign-in of ${username} gave no code: ${sent.status} ${await sent.text()}`)
  const answer = await form(`${product.signInUrl}/oauth2/token`, {
    grant_type: 'authorization_code',
    client_id: product.clientId,
    redirect_uri: asked.redirect_uri,
    code,
    code_verifier: verifier,
  })
  if (!answer.ok) throw new Error(`no token for ${username}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Tokens
}

function form(url: string, fields: Record<string, string>): Promise<Response> {
  return fetchLocalHost(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })
}
