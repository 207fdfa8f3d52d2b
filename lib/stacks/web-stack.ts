import { join } from 'node:path'
import { CfnOutput, Duration, Fn, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import type { StackProps } from 'aws-cdk-lib'
import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront'
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins'
import * as cognito from 'aws-cdk-lib/aws-cognito'
import * as s3 from 'aws-cdk-lib/aws-s3'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { ORIGIN_HEADER } from '../../lambdas/review-api/env.ts'
import * as addresses from '../addresses.ts'
import { PublishedSite } from '../constructs/published-site.ts'
import { REVIEW_SCOPE, ReviewApi } from '../constructs/review-api.ts'
import type { Environment } from '../environments.ts'
import { contentSecurityPolicy, PERMISSIONS_POLICY } from '../security-headers.ts'
import type { DataStack } from './data-stack.ts'

export interface WebStackProps extends StackProps {
  environment: Environment
  data: DataStack
  /** The built page. */
  siteFolder: string
  /** What `scripts/function-bundles.ts` made. */
  bundlesFolder: string
  /** @default no firewall */
  webAclArn?: string
}

/**
 * What clinicians open in a browser. Page, API and app client stand together because they know each other in a row: the
 * distribution knows the API, the client the distribution's address, the API's routes and its function the client.
 */
export class WebStack extends Stack {
  readonly api: ReviewApi
  readonly distribution: cloudfront.Distribution

  constructor(scope: Construct, id: string, props: WebStackProps) {
    super(scope, id, props)
    const { environment, data } = props
    const { userPoolId } = data.userPool

    const domainPrefix = Fn.join('-', ['dialogues', environment.name, firstPartOfStackId(this)])
    const signIn = addresses.signInUrl(environment, domainPrefix)
    const originSecret = this.#originSecret()

    this.api = new ReviewApi(this, 'ReviewApi', { environment, bundlesFolder: props.bundlesFolder })
    const { bucket, distribution } = this.#page(props, originSecret, signIn)
    this.distribution = distribution
    const siteUrl = addresses.siteUrl(environment, distribution)
    const client = this.#appClient(data.userPool, domainPrefix, siteUrl)
    this.api.serve({
      data,
      originSecret: originSecret.secretValue.unsafeUnwrap(), // a reference that CloudFormation resolves, not the secret
      issuer: addresses.tokenIssuer(environment, userPoolId),
      keysUrl: addresses.tokenKeysUrl(environment, userPoolId),
      clientId: client.userPoolClientId,
    })
    new PublishedSite(this, 'Site', {
      environment,
      bucket,
      distribution,
      folder: props.siteFolder,
      config: {
        environment: environment.name,
        api: '/api',
        oidc: {
          authority: addresses.tokenIssuer(environment, userPoolId),
          client_id: client.userPoolClientId,
          scope: `openid profile ${REVIEW_SCOPE}`,
          endpoints: {
            authorization: `${signIn}/oauth2/authorize`,
            token: `${signIn}/oauth2/token`,
            end_session: `${signIn}/logout`,
          },
        },
      },
    })

    new CfnOutput(this, 'SiteUrl', { value: siteUrl })
    new CfnOutput(this, 'SignInUrl', { value: signIn })
    new CfnOutput(this, 'ApiUrl', { value: addresses.apiUrl(environment, this.api.api) })
    new CfnOutput(this, 'ClientId', { value: client.userPoolClientId })
  }

  /** Known to CloudFront and to the API's function. Whoever got hold of it could pass by the firewall, not by sign-in. */
  #originSecret(): secretsmanager.Secret {
    const secret = new secretsmanager.Secret(this, 'OriginSecret', {
      description: 'What CloudFront adds to its requests, so that the API answers nobody else',
      generateSecretString: { excludePunctuation: true, passwordLength: 48 },
      removalPolicy: RemovalPolicy.DESTROY, // a new one is made with the next deployment
    })
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'It opens nothing by itself. Rotation would have to change CloudFront and the function at the same moment; a redeployment with a new secret does.',
    })
    return secret
  }

  #page({ environment, webAclArn }: WebStackProps, originSecret: secretsmanager.Secret, signIn: string) {
    const bucket = new s3.Bucket(this, 'SiteBucket', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.DESTROY, // a build, which every deployment brings along
      autoDeleteObjects: environment.emptyBucketsOnDestroy,
    })
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'It holds the page alone, the same for everybody; what is read of dialogues is in the access logs of the API.',
    })

    const headers = new cloudfront.ResponseHeadersPolicy(this, 'SecurityHeaders', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: contentSecurityPolicy(signIn), override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'cross-origin-opener-policy', value: 'same-origin', override: true },
          { header: 'cross-origin-resource-policy', value: 'same-origin', override: true },
          { header: 'permissions-policy', value: PERMISSIONS_POLICY, override: true },
        ],
      },
    })
    const pagePaths = new cloudfront.Function(this, 'PagePaths', {
      comment: 'An address that is no file is a place on the page',
      runtime: cloudfront.FunctionRuntime.JS_2_0,
      code: cloudfront.FunctionCode.fromFile({ filePath: join(import.meta.dirname, '..', 'edge', 'page-paths.js') }),
    })
    const { domain } = environment
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: `Dialogue review (${environment.name})`,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      ...(webAclArn === undefined ? {} : { webAclId: webAclArn }),
      ...(domain === null
        ? {}
        : {
            domainNames: [domain.hostName],
            certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
            minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
          }),
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(bucket),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: headers,
        compress: true,
        functionAssociations: [{ function: pagePaths, eventType: cloudfront.FunctionEventType.VIEWER_REQUEST }],
      },
      additionalBehaviors: {
        '/api/*': {
          origin: addresses.apiOrigin(environment, this.api.api, {
            [ORIGIN_HEADER]: originSecret.secretValue.unsafeUnwrap(),
          }),
          // Not a redirect: a token that was sent in the clear shall fail, and be noticed.
          viewerProtocolPolicy:
            environment.emulator === null
              ? cloudfront.ViewerProtocolPolicy.HTTPS_ONLY
              : cloudfront.ViewerProtocolPolicy.ALLOW_ALL,
          allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
          cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
          originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          responseHeadersPolicy: headers,
        },
      },
    })
    Validations.of(distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'Clinicians travel; who may sign in is decided by accounts, not by places.' },
      { id: 'AwsSolutions-CFR2', reason: 'dev holds nothing worth a firewall; staging and prod have one.' },
      { id: 'AwsSolutions-CFR3', reason: "The page's files are the same for everybody; the API logs every access." },
      {
        id: 'AwsSolutions-CFR4',
        reason: "CloudFront's own certificate fixes its policy; with a domain of one's own it is TLS 1.2 (2021).",
      },
      ...(environment.emulator === null
        ? []
        : [{ id: 'AwsSolutions-CFR5', reason: 'The local AWS speaks http, and never leaves this machine.' }]),
    )
    return { bucket, distribution }
  }

  /** The page as the user pool knows it: a public client, authorization code with PKCE, and no other way to a token. */
  #appClient(userPool: cognito.IUserPool, domainPrefix: string, siteUrl: string): cognito.UserPoolClient {
    new cognito.UserPoolDomain(this, 'SignIn', { userPool, cognitoDomain: { domainPrefix } })
    const [identifier = '', scopeName = ''] = REVIEW_SCOPE.split('/')
    const review = new cognito.ResourceServerScope({ scopeName, scopeDescription: 'Review dialogues' })
    const resource = new cognito.UserPoolResourceServer(this, 'Resource', { userPool, identifier, scopes: [review] })
    return new cognito.UserPoolClient(this, 'Page', {
      userPool,
      generateSecret: false,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1), // how long a removed account can still save a review
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(12), // one working day with one sign-in
      supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [
          cognito.OAuthScope.OPENID,
          cognito.OAuthScope.PROFILE,
          cognito.OAuthScope.resourceServer(resource, review),
        ],
        callbackUrls: [`${siteUrl}/`],
        logoutUrls: [`${siteUrl}/`],
      },
    })
  }
}

/** Eight hexadecimal digits that another stack does not have: sign-in addresses are one namespace for all of AWS. */
function firstPartOfStackId(stack: Stack): string {
  return Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', stack.stackId))))
}
