import { Fn } from 'aws-cdk-lib'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { OriginProtocolPolicy } from 'aws-cdk-lib/aws-cloudfront'
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import type { Environment } from './environments.ts'

/**
 * Addresses that AWS makes up and a local AWS makes up otherwise. The only place where the two differ; which of them it
 * is stands in the environment record (`emulator`).
 */
export function siteUrl(environment: Environment, distribution: Distribution): string {
  const { emulator, domain } = environment
  if (emulator !== null) {
    const label = Fn.select(0, Fn.split('.', distribution.distributionDomainName))
    return `http://${label}.cloudfront.localhost:${emulator.port}`
  }
  return `https://${domain === null ? distribution.distributionDomainName : domain.hostName}`
}

/** Where people sign in and the page fetches its tokens; without a slash at the end. */
export function signInUrl(environment: Environment, domainPrefix: string): string {
  const { emulator, region } = environment
  if (emulator !== null) return `http://localhost:${emulator.port}`
  return `https://${domainPrefix}.auth.${region}.amazoncognito.com`
}

/** The `iss` of tokens; written out because `userPoolProviderUrl` is unknown to the local AWS. The same string on both. */
export function tokenIssuer(environment: Environment, userPoolId: string): string {
  return `https://cognito-idp.${environment.region}.amazonaws.com/${userPoolId}`
}

/** The issuer's keys. A function on the local AWS would look for the issuer's own address on the internet. */
export function tokenKeysUrl(environment: Environment, userPoolId: string): string {
  const { emulator } = environment
  const issuer =
    emulator === null ? tokenIssuer(environment, userPoolId) : `http://127.0.0.1:${emulator.port}/${userPoolId}`
  return `${issuer}/.well-known/jwks.json`
}

export function apiOrigin(environment: Environment, api: HttpApi, customHeaders: Record<string, string>): HttpOrigin {
  const { emulator, region } = environment
  if (emulator === null)
    return new HttpOrigin(`${api.apiId}.execute-api.${region}.amazonaws.com`, {
      protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      customHeaders,
    })
  return new HttpOrigin('localhost', {
    httpPort: emulator.port,
    protocolPolicy: OriginProtocolPolicy.HTTP_ONLY,
    originPath: `/_aws/execute-api/${api.apiId}/$default`,
    customHeaders,
  })
}

/** The API's own address: only what came through CloudFront is let in there. */
export function apiUrl(environment: Environment, api: HttpApi): string {
  const { emulator, region } = environment
  if (emulator === null) return `https://${api.apiId}.execute-api.${region}.amazonaws.com`
  return `http://${api.apiId}.execute-api.localhost:${emulator.port}`
}
