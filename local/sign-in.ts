import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTVerifyGetKey } from 'jose'
import Provider, { errors, type Configuration } from 'oidc-provider'
import * as z from 'zod'
import type { Clock, Log } from '../core/ports.ts'
import type { Accounts } from './accounts.ts'
import { messagePage, PAGE_SECURITY_POLICY, SIGN_OUT_SECURITY_POLICY, signInPage, signOutPage } from './sign-in-page.ts'
import { AUDIENCE, CLIENT_ID, SIGN_IN_PATH } from './sign-in-names.ts'
import type { SignInStore } from './sign-in-store.ts'

/**
 * The OpenID Connect provider of the one-machine home. It issues what Cognito issues on AWS, claim for claim, so page
 * and API cannot tell the two apart: authorization code with PKCE for one public client, access tokens as JWTs.
 */

const HOUR = 3600
const ACCESS_TOKEN_SECONDS = HOUR // as Cognito's default: how long a removed account can still save a review
const SESSION_SECONDS = 14 * 24 * HOUR // two weeks on a machine of one's own

export interface SignIn {
  issuer: string
  keys: JWTVerifyGetKey
  /** Answers everything under {@link SIGN_IN_PATH}. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export interface SignInOptions {
  /** Where the page is served, e.g. `http://localhost:4780`. */
  origin: string
  accounts: Accounts
  store: SignInStore
  /** Keeps the signing key and the cookie secret (mode 600), so that a restart voids no token. */
  secretsFile: string
  clock: Clock
  log: Log
}

export async function createSignIn(options: SignInOptions): Promise<SignIn> {
  const { accounts, log } = options
  const issuer = options.origin + SIGN_IN_PATH
  const secrets = await readOrMakeSecrets(options.secretsFile)
  const provider = new Provider(issuer, configuration(options, secrets))
  provider.on('server_error', (_context, error) => log.error('sign_in.failed', { error: error.message }))
  const serve = provider.callback()
  const tries = createTries(options.clock)

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (path.startsWith(`${SIGN_IN_PATH}/form/`)) return form(request, response, path)
    // The provider knows itself as mounted by the part of the original address that is gone from `url`.
    Object.assign(request, { originalUrl: request.url })
    request.url = (request.url ?? '').slice(SIGN_IN_PATH.length)
    await serve(request, response)
  }

  async function form(request: IncomingMessage, response: ServerResponse, action: string): Promise<void> {
    const interaction = await provider.interactionDetails(request, response).catch((error: unknown) => {
      if (error instanceof errors.SessionNotFound) return undefined
      throw error
    })
    if (interaction === undefined)
      return send(
        response,
        400,
        messagePage('This sign-in is over', 'It was left open too long, or was finished in another tab.'),
      )
    if (request.method === 'GET' || request.method === 'HEAD')
      return send(response, 200, signInPage({ action, username: '' }))
    if (request.method !== 'POST') return send(response, 405, messagePage('Not possible', 'This page takes a form.'))

    const fields = new URLSearchParams(await readBody(request))
    const username = fields.get('username') ?? ''
    if (!tries.allowed(username))
      return send(
        response,
        429,
        signInPage({ action, username, problem: 'Too many wrong tries. Wait a minute, then try again.' }),
      )
    const account = await accounts.check(username, fields.get('password') ?? '')
    if (account === undefined) {
      tries.failed(username)
      log.warn('sign_in.refused', { username })
      return send(response, 403, signInPage({ action, username, problem: 'User name or password is wrong.' }))
    }
    tries.succeeded(username)
    log.info('sign_in.accepted', { username: account.username })
    await provider.interactionFinished(
      request,
      response,
      { login: { accountId: account.username, remember: true } },
      { mergeWithLastSubmission: false },
    )
  }

  return { issuer, keys: createLocalJWKSet({ keys: [secrets.publicKey] }), handle }
}

function configuration({ accounts, origin, store }: SignInOptions, secrets: Secrets): Configuration {
  return {
    adapter: store.adapter,
    jwks: { keys: [secrets.privateKey] },
    cookies: { keys: [secrets.cookieSecret] },
    clients: [
      {
        client_id: CLIENT_ID,
        application_type: 'web',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [`${origin}/`],
        post_logout_redirect_uris: [`${origin}/`],
      },
    ],
    clientBasedCORS: () => true,
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'openid profile',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: ACCESS_TOKEN_SECONDS,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    interactions: { url: (_context, interaction) => `${SIGN_IN_PATH}/form/${interaction.uid}` },
    scopes: ['openid', 'profile', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'cognito:groups'] },
    findAccount: async (_context, id) => {
      const account = await accounts.find(id)
      if (account === undefined) return undefined
      return {
        accountId: id,
        claims: () => ({
          sub: id,
          name: account.name,
          preferred_username: id,
          'cognito:groups': [...account.groups],
        }),
      }
    },
    extraTokenClaims: async (_context, token) => {
      if (token.kind !== 'AccessToken') return undefined
      const account = await accounts.find(token.accountId)
      // Read anew for every token: who is taken out of the file loses access with the next token.
      return {
        token_use: 'access',
        username: token.accountId,
        name: account?.name ?? token.accountId,
        'cognito:groups': [...(account?.groups ?? [])],
      }
    },
    issueRefreshToken: () => true,
    // There is one client and it is ours: nobody has to be asked whether it may know who they are.
    loadExistingGrant: async (context) => {
      const { client, session, provider, result } = context.oidc
      const clientId = client?.clientId
      if (clientId === undefined || session === undefined) return undefined
      const grantId = result?.consent?.grantId ?? session.grantIdFor(clientId)
      const existing = grantId === undefined ? undefined : await provider.Grant.find(grantId)
      if (existing !== undefined) return existing
      const grant = new provider.Grant({ clientId, accountId: session.accountId })
      grant.addOIDCScope('openid profile offline_access')
      grant.addResourceScope(AUDIENCE, 'openid profile')
      await grant.save()
      return grant
    },
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 60,
      IdToken: HOUR,
      Interaction: HOUR,
      RefreshToken: SESSION_SECONDS,
      Grant: SESSION_SECONDS,
      Session: SESSION_SECONDS,
    },
    renderError: (context, out) => {
      context.type = 'html'
      context.set('content-security-policy', PAGE_SECURITY_POLICY)
      context.body = messagePage('Sign-in did not work', out.error_description ?? out.error)
    },
  }
}

type LogoutPages = NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>

/** Whoever follows the page's "Sign out" has said so once; the form, which guards against others, sends itself. */
const logoutSource: LogoutPages['logoutSource'] = (context, form) => {
  context.set('content-security-policy', SIGN_OUT_SECURITY_POLICY)
  context.type = 'html'
  context.body = signOutPage(form)
}

const postLogoutSuccessSource: LogoutPages['postLogoutSuccessSource'] = (context) => {
  context.set('content-security-policy', PAGE_SECURITY_POLICY)
  context.type = 'html'
  context.body = messagePage('Signed out', 'You are signed out on this machine.')
}

const KeySchema = z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string() })
const SecretsSchema = z.object({ privateKey: KeySchema, publicKey: KeySchema, cookieSecret: z.string().min(32) })
type Secrets = z.infer<typeof SecretsSchema>

async function readOrMakeSecrets(path: string): Promise<Secrets> {
  const stored = await readFile(path, 'utf8').then(
    (text) => parseSecrets(text),
    () => undefined,
  )
  if (stored !== undefined) return stored
  const pair = await generateKeyPair('RS256', { extractable: true })
  const naming = { kid: randomBytes(8).toString('hex'), alg: 'RS256', use: 'sig' }
  const secrets = SecretsSchema.parse({
    privateKey: { ...(await exportJWK(pair.privateKey)), ...naming },
    publicKey: { ...(await exportJWK(pair.publicKey)), ...naming },
    cookieSecret: randomBytes(32).toString('base64url'),
  })
  await writeFile(path, JSON.stringify(secrets), { mode: 0o600 })
  return secrets
}

/** A file that was cut off by a crash counts as none: new keys cost everybody one sign-in. */
function parseSecrets(text: string): Secrets | undefined {
  try {
    return SecretsSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const MOST_TRIES = 10
const TRIES_WINDOW_MS = 60_000

/** Ten wrong passwords a minute for one name, then none are looked at until the minute is over. */
function createTries(clock: Clock) {
  const wrong = new Map<string, number[]>()
  const recent = (name: string) => (wrong.get(name) ?? []).filter((at) => clock.now() - at < TRIES_WINDOW_MS)
  return {
    allowed: (name: string) => recent(name).length < MOST_TRIES,
    failed(name: string) {
      if (wrong.size > 1000) wrong.clear() // made-up names must not fill the memory
      wrong.set(name, [...recent(name), clock.now()])
    },
    succeeded: (name: string) => void wrong.delete(name),
  }
}

const MOST_FORM_BYTES = 4096

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.length
    if (size > MOST_FORM_BYTES) return '' // no field of ours is as long: it is answered as a wrong password
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': PAGE_SECURITY_POLICY,
    'cache-control': 'no-store',
  })
  response.end(html)
}
