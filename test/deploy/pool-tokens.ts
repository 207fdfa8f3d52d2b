import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeployedProduct } from './deployed-product.ts'

/** What Cognito puts into an access token, and what a test would have otherwise. */
export type Claims = Record<string, unknown>

/**
 * A token that the deployed user pool could have made: signed with its own key, which the local AWS keeps in a file. So a test
 * can have what a real pool never gives out, say a token that ended yesterday, and know that only that is wrong with it.
 */
export async function poolToken(product: DeployedProduct, claims: Claims = {}): Promise<string> {
  const { ministack, userPoolId, clientId } = product
  const use = claims['token_use'] === 'id' ? 'id' : 'access'
  const file = join(ministack.stateFolder, 'cognito-pool-keys', `${userPoolId}-${use}.pem`)
  const key = createPrivateKey(await readFile(file, 'utf8'))
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const now = Math.floor(Date.now() / 1000)
  const header = { alg: 'RS256', kid: createHash('sha256').update(publicKey).digest('base64') }
  const payload = {
    sub: '00000000-0000-4000-8000-000000000001',
    iss: `https://cognito-idp.${ministack.region}.amazonaws.com/${userPoolId}`,
    token_use: 'access',
    client_id: clientId,
    scope: 'openid profile review-api/review',
    username: 'clinician-1',
    'cognito:groups': ['clinicians'],
    iat: now,
    auth_time: now,
    exp: now + 3600,
    jti: '00000000-0000-4000-8000-000000000002',
    ...claims,
  }
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part(header)}.${part(payload)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`
}
