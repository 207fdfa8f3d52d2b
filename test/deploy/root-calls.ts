import type { MiniStack } from './ministack/ministack.ts'

/**
 * Calls to the local AWS as the root of its account, whose signatures it does not check. By hand and not by `aws`, which
 * takes a second or more for each, and not by one more SDK client for each service that a test looks at.
 */
export interface RootCalls {
  /** A service that speaks JSON: `json('sqs', 'AmazonSQS.SendMessage', {...})`. */
  json(service: string, target: string, body: Record<string, unknown>): Promise<unknown>
  /** A service that speaks forms and XML: IAM and STS. @returns the text of the elements of that name */
  query(service: 'iam' | 'sts', action: string, fields: Record<string, string>): Promise<(element: string) => string[]>
  get(service: string, path: string): Promise<unknown>
}

const VERSIONS = { iam: '2010-05-08', sts: '2011-06-15' } as const

export function rootCalls({ endpoint, region }: MiniStack): RootCalls {
  const send = async (
    service: string,
    path: string,
    init: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<string> => {
    const answer = await fetch(`${endpoint}${path}`, {
      ...init,
      headers: {
        ...init.headers,
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      },
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${service} ${path}: ${answer.status} ${text}`)
    return text
  }
  return {
    async json(service, target, body) {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }
      const text = await send(service, '/', { method: 'POST', headers, body: JSON.stringify(body) })
      return text === '' ? {} : (JSON.parse(text) as unknown)
    },
    async query(service, action, fields) {
      const body = new URLSearchParams({ Action: action, Version: VERSIONS[service], ...fields }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const xml = await send(service, '/', { method: 'POST', headers, body })
      return (element) =>
        [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text = '']) =>
          text.replace(/&(quot|lt|gt|amp);/g, (_, name: keyof typeof CHARACTERS) => CHARACTERS[name]),
        )
    },
    get: async (service, path) => JSON.parse(await send(service, path, {})) as unknown,
  }
}

const CHARACTERS = { quot: '"', lt: '<', gt: '>', amp: '&' } as const
