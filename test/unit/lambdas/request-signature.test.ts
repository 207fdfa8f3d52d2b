import { createHash, createHmac, type BinaryLike } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signedHeaders } from '../../../lambdas/shared/request-signature.ts'

/** What the SDK's signer wants for a hash. */
class Sha256 {
  readonly #hash
  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as BinaryLike)
  }
  update(data: BinaryLike): void {
    this.#hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {
    throw new Error('not needed')
  }
}

describe('the signature of a request to AWS', () => {
  it("is the SDK's own", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{20,60}$/), { nil: undefined }),
        async (body, at, token) => {
          const url = new URL('http://127.0.0.1:4566/')
          const headers = {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': 'secretsmanager.GetSecretValue',
          }
          const keys = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG', ...(token === undefined ? {} : { token }) }
          const ours = signedHeaders(
            { method: 'POST', url, headers, body },
            { service: 'secretsmanager', region: 'eu-central-1', keys, at },
          )
          const signer = new SignatureV4({
            service: 'secretsmanager',
            region: 'eu-central-1',
            credentials: { accessKeyId: keys.id, secretAccessKey: keys.secret, sessionToken: token },
            sha256: Sha256,
            applyChecksum: false,
          })
          const request = {
            method: 'POST',
            protocol: 'http:',
            hostname: '127.0.0.1',
            port: 4566,
            path: '/',
            query: {},
            headers: { ...headers, host: url.host },
            body,
          }
          const { headers: theirs } = (await signer.sign(request as never, { signingDate: at })) as unknown as {
            headers: Record<string, string>
          }
          expect(ours['authorization']).toBe(theirs['authorization'])
        },
      ),
      { numRuns: 50 },
    )
  })
})
