import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFirstAccounts, openAccounts, type NewAccount } from '../../local/accounts.ts'
import { openServer, type LocalServer } from '../../local/http-server.ts'
import { openSignInStore, type SignInStore } from '../../local/sign-in-store.ts'
import { AUDIENCE, CLIENT_ID } from '../../local/sign-in-names.ts'
import { createSignIn, type SignIn } from '../../local/sign-in.ts'
import { systemClock } from '../../local/system-clock.ts'
import { createVerifyToken, type VerifyToken } from '../../review-api/access-token.ts'
import { aRecordingLog } from '../builders/a-recording-log.ts'
import { aBrowser, signInOverHttp, SignInRefused, tokens } from './sign-in-over-http.ts'

const log = aRecordingLog()
let folder: string
let accountsFile: string
let made: NewAccount[]
let running: Running

interface Running {
  server: LocalServer
  store: SignInStore
  signIn: SignIn
  verify: VerifyToken
}

async function start(port: number): Promise<Running> {
  const server = await openServer(port, log)
  const store = openSignInStore(join(folder, 'sign-in.db'), () => Date.now())
  const accounts = await openAccounts(accountsFile)
  const signIn = await createSignIn({
    origin: server.origin,
    accounts,
    store,
    secretsFile: join(folder, 'keys.json'),
    clock: systemClock,
    log,
  })
  server.serve({
    config: {
      environment: 'test',
      api: '/api',
      oidc: { authority: signIn.issuer, client_id: CLIENT_ID, scope: 'openid' },
    },
    site: new Map([
      [
        '/index.html',
        { body: Buffer.from('the page'), gzipped: undefined, type: 'text/html', etag: '"1"', immutable: false },
      ],
    ]),
    api: () => new Response('the api'),
    signIn: (request, response) => signIn.handle(request, response),
  })
  const verify = createVerifyToken({
    issuer: signIn.issuer,
    clientId: CLIENT_ID,
    audience: AUDIENCE,
    keys: signIn.keys,
    clock: systemClock,
  })
  return { server, store, signIn, verify }
}

async function stop({ server, store }: Running): Promise<void> {
  await server.close()
  store.close()
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sign-in-'))
  accountsFile = join(folder, 'accounts.json')
  made = await createFirstAccounts(accountsFile)
  running = await start(0)
})
afterAll(async () => {
  await stop(running)
  rmSync(folder, { recursive: true })
})

const passwordOf = (username: string) => made.find((account) => account.username === username)?.password ?? ''
const signInAs = (username: string, password = passwordOf(username)) =>
  signInOverHttp({ origin: running.server.origin, username, password })

describe('The first start', () => {
  it('makes two clinicians and a lead, with passwords of their own that stand in no file', async () => {
    expect(made.map(({ username, groups }) => [username, groups.includes('leads')])).toEqual([
      ['clinician-1', false],
      ['clinician-2', false],
      ['lead', true],
    ])
    expect(new Set(made.map((account) => account.password)).size).toBe(3)
    const text = await readFile(accountsFile, 'utf8')
    for (const { password } of made) expect(text).not.toContain(password)
    expect((await stat(accountsFile)).mode & 0o077).toBe(0)
  })

  it('keeps accounts that are there', async () => {
    expect(await createFirstAccounts(accountsFile)).toEqual([])
  })
})

describe('Signing in', () => {
  it('gives an access token that the API takes, with the roles of the account', async () => {
    const { access_token } = await signInAs('lead')
    expect(await running.verify(access_token)).toEqual({
      principal: { reviewer: 'lead', name: 'Lead clinician', roles: ['clinicians', 'leads'] },
    })
  })

  it('gives tokens with the claims that Cognito gives', async () => {
    const { access_token } = await signInAs('clinician-1')
    expect(decodeJwt(access_token)).toMatchObject({
      token_use: 'access',
      client_id: CLIENT_ID,
      username: 'clinician-1',
      'cognito:groups': ['clinicians'],
    })
  })

  it('gives an ID token that opens nothing', async () => {
    const { id_token } = await signInAs('clinician-1')
    expect(await running.verify(id_token)).toHaveProperty('refused')
  })

  it('gives a refresh token that is good for one new access token', async () => {
    const { refresh_token } = await signInAs('clinician-2')
    const refresh = { grant_type: 'refresh_token', refresh_token, client_id: CLIENT_ID }
    const renewed = await tokens(running.server.origin, refresh)
    expect(await running.verify(renewed.access_token)).toHaveProperty('principal')
    await expect(tokens(running.server.origin, refresh)).rejects.toThrow(SignInRefused)
  })

  it.each([
    ['clinician-1', 'wrong-password'],
    ['nobody', 'wrong-password'],
    ['', ''],
  ])('is refused for %j with a wrong password, in the same words whoever it is', async (username, password) => {
    const refused = await signInAs(username, password).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SignInRefused)
    expect((refused as SignInRefused).status).toBe(403)
    expect((refused as SignInRefused).page).toContain('User name or password is wrong.')
  })

  it('shows what was typed as text, never as markup', async () => {
    const refused = await signInAs('"><script>alert(1)</script>', 'x').catch((error: unknown) => error)
    expect((refused as SignInRefused).page).not.toContain('<script')
  })

  it('does not lead back to another address than the page', async () => {
    const redirectUri = 'http://localhost:1/elsewhere'
    const { origin } = running.server
    const attempt = signInOverHttp({ origin, username: 'lead', password: passwordOf('lead'), redirectUri })
    await expect(attempt).rejects.toMatchObject({ status: 400 })
  })

  it('is refused without PKCE', async () => {
    const { origin } = running.server
    const url = new URL(
      `${origin}/sign-in/auth?client_id=${CLIENT_ID}&redirect_uri=${origin}/&response_type=code&scope=openid`,
    )
    const answer = await aBrowser()(url)
    expect(answer.headers.get('location')).toContain('error=invalid_request')
  })

  it('stops looking at passwords after ten wrong ones in a minute', async () => {
    for (let tried = 0; tried < 10; tried++)
      await expect(signInAs('guessed', `password-${tried}`)).rejects.toThrow('403')
    await expect(signInAs('guessed', 'password-10')).rejects.toThrow('429')
  })

  it('works with a password that somebody wrote into the file, which is replaced by its hash', async () => {
    const file = JSON.parse(await readFile(accountsFile, 'utf8')) as { accounts: object[] }
    file.accounts.push({ username: 'dr.new', name: 'Dr New', groups: ['clinicians'], password: 'a brand new one' })
    await writeFile(accountsFile, JSON.stringify(file))
    const { access_token } = await signInAs('dr.new', 'a brand new one')
    expect(await running.verify(access_token)).toMatchObject({ principal: { name: 'Dr New' } })
    expect(await readFile(accountsFile, 'utf8')).not.toContain('a brand new one')
  })

  it('goes on as it was while somebody is in the middle of editing the accounts', async () => {
    const good = await readFile(accountsFile, 'utf8')
    await writeFile(accountsFile, good.slice(0, 100))
    expect(await signInAs('lead')).toHaveProperty('access_token')
    await writeFile(accountsFile, good)
  })
})

describe('A restart', () => {
  it('voids no token and signs nobody out', async () => {
    const { access_token, refresh_token } = await signInAs('clinician-1')
    const port = Number(new URL(running.server.origin).port)
    await stop(running)
    running = await start(port)
    expect(await running.verify(access_token)).toHaveProperty('principal')
    const refresh = { grant_type: 'refresh_token', refresh_token, client_id: CLIENT_ID }
    expect(await tokens(running.server.origin, refresh)).toHaveProperty('access_token')
  })
})

describe('The server', () => {
  it('answers under no name but its own', async () => {
    const port = new URL(running.server.origin).port
    const { request } = await import('node:http')
    const status = await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/api/me', headers: { host: `evil.example:${port}` } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(421)
  })

  it('takes whoever comes by number to the address that sign-in comes back to', async () => {
    const { origin } = running.server
    const answer = await fetch(`${origin.replace('localhost', '127.0.0.1')}/batches/x?y=1`, { redirect: 'manual' })
    expect(answer.headers.get('location')).toBe(`${origin}/batches/x?y=1`)
  })

  it('gives the page for any place on it, and 404 for a file that is not there', async () => {
    const { origin } = running.server
    expect(await (await fetch(`${origin}/batches/some-batch`)).text()).toBe('the page')
    expect((await fetch(`${origin}/assets/gone.js`)).status).toBe(404)
    expect((await fetch(`${origin}/..%2f..%2fetc/passwd.txt`)).status).toBe(404)
    expect((await fetch(`${origin}/`, { method: 'POST' })).status).toBe(405)
  })

  it('says nothing new with 304', async () => {
    const answer = await fetch(`${running.server.origin}/`, { headers: { 'if-none-match': '"1"' } })
    expect(answer.status).toBe(304)
  })

  it('lets a page run nothing but its own files', async () => {
    const { headers } = await fetch(`${running.server.origin}/`)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('says in one line that a port is taken, and what to do', async () => {
    const port = Number(new URL(running.server.origin).port)
    await expect(openServer(port, log)).rejects.toThrow(`port ${port} is in use\n  Stop what runs there`)
  })
})
