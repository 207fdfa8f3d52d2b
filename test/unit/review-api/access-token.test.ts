import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { createVerifyToken, type VerifyToken } from '../../../review-api/access-token.ts'
import { groupNames, principalFromClaims } from '../../../review-api/principal.ts'

const ISSUER = 'https://issuer.example/pool'
const CLIENT = 'review-page'
const AUDIENCE = 'urn:review-api'
const NOW = Date.UTC(2026, 10, 22, 12)

let privateKey: CryptoKey
let otherKey: CryptoKey
let publicKey: JWK
let now = NOW
let verify: VerifyToken

beforeAll(async () => {
  const pair = await generateKeyPair('RS256')
  privateKey = pair.privateKey
  otherKey = (await generateKeyPair('RS256')).privateKey
  publicKey = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256' }
  const keys = createLocalJWKSet({ keys: [publicKey] })
  verify = createVerifyToken({ issuer: ISSUER, clientId: CLIENT, audience: AUDIENCE, keys, clock: { now: () => now } })
})

/** As Cognito writes its access tokens: `token_use`, no `aud`, no `typ`. */
const cognito = {
  sub: 'f0e1',
  iss: ISSUER,
  client_id: CLIENT,
  token_use: 'access',
  username: 'amara',
  'cognito:groups': ['clinicians'],
}
/** As the local sign-in would without our claims: RFC 9068, type `at+jwt`. */
const rfc9068 = { sub: 'amara', iss: ISSUER, client_id: CLIENT, aud: AUDIENCE, 'cognito:groups': ['leads'] }

interface Signing {
  typ?: string
  key?: CryptoKey
  expires?: number
}

function sign(claims: Record<string, unknown>, { typ, key = privateKey, expires = NOW / 1000 + 3600 }: Signing = {}) {
  return new SignJWT({ exp: expires, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...(typ === undefined ? {} : { typ }) })
    .sign(key)
}

describe('An access token', () => {
  it('of Cognito is good, and the reviewer goes by the user name', async () => {
    expect(await verify(await sign(cognito))).toEqual({
      principal: { reviewer: 'amara', name: 'amara', roles: ['clinicians'] },
    })
  })

  it('of an RFC 9068 issuer is good, and the reviewer goes by the subject', async () => {
    expect(await verify(await sign(rfc9068, { typ: 'at+jwt' }))).toEqual({
      principal: { reviewer: 'amara', name: 'amara', roles: ['leads'] },
    })
  })

  it('gives no role for groups that are not ours', async () => {
    const token = await sign({ ...cognito, 'cognito:groups': ['admins', 'constructor'] })
    expect(await verify(token)).toMatchObject({ principal: { roles: [] } })
  })

  it.each<[string, Record<string, unknown>, Signing]>([
    ['an ID token of Cognito', { ...cognito, token_use: 'id', aud: CLIENT }, {}],
    ['an ID token of an RFC 9068 issuer', { ...rfc9068, aud: CLIENT }, { typ: 'JWT' }],
    ['a token without type or use', rfc9068, {}],
    ['one of another issuer', { ...cognito, iss: 'https://other.example' }, {}],
    ['one of another client', { ...cognito, client_id: 'another' }, {}],
    ['one without a client', { ...cognito, client_id: undefined }, {}],
    ['one for another audience', { ...rfc9068, aud: 'urn:other' }, { typ: 'at+jwt' }],
    ['one that is over', cognito, { expires: NOW / 1000 - 60 }],
    ['one without a subject', { ...cognito, sub: undefined }, {}],
  ])('is refused when it is %s', async (_what, claims, signing) => {
    expect(await verify(await sign(claims, signing))).toHaveProperty('refused')
  })

  it('must allow what the rules ask for, as one of the words of its scope', async () => {
    const keys = createLocalJWKSet({ keys: [publicKey] })
    const rules = { issuer: ISSUER, clientId: CLIENT, audience: AUDIENCE, keys, clock: { now: () => now } }
    const scoped = createVerifyToken({ ...rules, scope: 'review-api/review' })
    expect(await scoped(await sign({ ...cognito, scope: 'openid review-api/review' }))).toHaveProperty('principal')
    for (const scope of [undefined, 'openid', 'review-api/reviews', 'xreview-api/review'])
      expect(await scoped(await sign({ ...cognito, scope }))).toHaveProperty('refused')
  })

  it('is refused when another key signed it', async () => {
    expect(await verify(await sign(cognito, { key: otherKey }))).toHaveProperty('refused')
  })

  it('is refused when nobody signed it', async () => {
    const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const unsigned = `${encode({ alg: 'none' })}.${encode({ ...cognito, exp: NOW / 1000 + 60 })}.`
    expect(await verify(unsigned)).toHaveProperty('refused')
  })

  it('is refused when it is signed with the public key as a shared secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(publicKey))
    const forged = await new SignJWT({ ...cognito, exp: NOW / 1000 + 60 })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(secret)
    expect(await verify(forged)).toHaveProperty('refused')
  })

  it.each(['', 'a', 'a.b.c', '🙂'])('is refused when it is no token at all: %j', async (text) => {
    expect(await verify(text)).toHaveProperty('refused')
  })

  it('that was good before is refused once its time is over', async () => {
    const token = await sign(cognito, { expires: NOW / 1000 + 60 })
    expect(await verify(token)).toHaveProperty('principal')
    now = NOW + 3_600_000
    expect(await verify(token)).toHaveProperty('refused')
    now = NOW
  })

  it('is neither good nor refused while the keys cannot be had: that is a fault', async () => {
    const keys = () => Promise.reject(new TypeError('fetch failed'))
    const offline = createVerifyToken({
      issuer: ISSUER,
      clientId: CLIENT,
      audience: AUDIENCE,
      keys,
      clock: { now: () => now },
    })
    await expect(offline(await sign(cognito))).rejects.toThrow('fetch failed')
  })
})

describe('The groups of a token', () => {
  it.each([
    ['[clinicians leads]', ['clinicians', 'leads']],
    ['[leads]', ['leads']],
    ['clinicians,leads', ['clinicians', 'leads']],
    ['[]', []],
    ['', []],
  ])('are read from the one string %j that API Gateway makes of them', (claim, groups) => {
    expect(groupNames(claim)).toEqual(groups)
  })

  it('do not let a group in that only contains the name of ours', () => {
    expect(principalFromClaims({ sub: 'a', 'cognito:groups': '[no-leads clinicians-readonly]' })?.roles).toEqual([])
  })
})
