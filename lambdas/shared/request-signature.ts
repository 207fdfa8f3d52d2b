import { createHash, createHmac } from 'node:crypto'

export interface SigningKeys {
  id: string
  secret: string
  token?: string
}

export interface RequestToSign {
  method: string
  /** Without a query, and with a path of which no character needs escaping. */
  url: URL
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: string
}

/**
 * The headers of a request with AWS's signature, version 4: "Create a signed AWS API request" in AWS's reference of IAM.
 * Held to the SDK's own signer by a test.
 */
export function signedHeaders(
  { method, url, headers, body }: RequestToSign,
  { service, region, keys, at }: { service: string; region: string; keys: SigningKeys; at: Date },
): Record<string, string> {
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    'x-amz-date': time,
    ...(keys.token === undefined ? {} : { 'x-amz-security-token': keys.token }),
  }
  const names = Object.keys(all).sort()
  const signed = names.join(';')
  const canonical = [
    method,
    url.pathname,
    '',
    ...names.map((name) => `${name}:${(all[name] ?? '').trim()}`),
    '',
    signed,
    sha256(body),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${keys.secret}`,
  )
  const signature = hmac(key, text).toString('hex')
  const { host: _, ...sent } = all // the client sets it by the address
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.id}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
