import { signedHeaders, type SigningKeys } from './request-signature.ts'

/**
 * The text of a secret. One call of Secrets Manager's, signed here: its client would be 200 KB more in the bundle, for a
 * request of five headers.
 * @throws Error without the text, naming what AWS said
 */
export async function readSecret(
  secretId: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const region = env['AWS_REGION'] ?? 'us-east-1'
  const url = new URL(
    env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ??
      env['AWS_ENDPOINT_URL'] ??
      `https://secretsmanager.${region}.amazonaws.com`,
  )
  url.pathname = '/'
  const body = JSON.stringify({ SecretId: secretId })
  const headers = signedHeaders(
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body,
    },
    { service: 'secretsmanager', region, keys: keysOf(env), at: new Date() },
  )
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) })
  const answer: unknown = await response.json().catch(() => undefined)
  const text = fieldOf(answer, 'SecretString')
  if (response.ok && text !== undefined) return text
  const said = fieldOf(answer, '__type') ?? fieldOf(answer, 'message') ?? fieldOf(answer, 'Message') ?? 'no text'
  throw new Error(`the secret ${secretId} cannot be read: ${response.status} ${said}`)
}

function keysOf(env: Readonly<Record<string, string | undefined>>): SigningKeys {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env
  if (id === undefined || secret === undefined) throw new Error('there are no AWS credentials in the environment')
  return { id, secret, ...(token === undefined ? {} : { token }) }
}

function fieldOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof found === 'string' ? found : undefined
}
