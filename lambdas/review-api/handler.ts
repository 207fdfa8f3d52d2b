import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Logger } from '@aws-lambda-powertools/logger'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { createRemoteJWKSet } from 'jose'
import { DEFAULT_TARGET } from '../../core/generate/target.ts'
import { createReviewService } from '../../core/review/service.ts'
import { createVerifyToken } from '../../review-api/access-token.ts'
import { createReviewApi } from '../../review-api/app.ts'
import { parseGuidelines } from '../../review-api/guidelines.ts'
import { targetShares } from '../../review-api/views.ts'
import { functionLog, systemClock } from '../shared/function-log.ts'
import { openDynamoReviews } from '../shared/open-dynamodb-reviews.ts'
import { s3Location } from '../shared/s3-location.ts'
import { ReviewApiEnvSchema } from './env.ts'
import { originLock } from './origin-lock.ts'

const env = ReviewApiEnvSchema.parse(process.env)
const log = functionLog(new Logger({ serviceName: 'review-api', persistentKeys: { environment: env.ENVIRONMENT } }))
const reviews = openDynamoReviews(env.REVIEWS_TABLE)
const service = createReviewService({ store: reviews, clock: systemClock, log })
const guidelinesFile = join(import.meta.dirname, 'guidelines.md') // put beside the bundle by the construct

const api = createReviewApi({
  service,
  log,
  target: targetShares(DEFAULT_TARGET),
  guidelines: parseGuidelines(readFileSync(guidelinesFile, 'utf8'), guidelinesFile),
  locate: (key) => s3Location(env.DATASETS_BUCKET, key),
  // A lead closes a batch once; thousands of requests before that start without S3.
  closeBatch: async (request) =>
    (await import('./close-batch.ts')).closeBatchIn(env.DATASETS_BUCKET, request, { service, log }),
  // API Gateway's authorizer has checked the token too, but lets ID tokens in, and hands claims over as strings.
  verifyToken: createVerifyToken({
    issuer: env.TOKEN_ISSUER,
    clientId: env.TOKEN_CLIENT_ID,
    audience: env.TOKEN_CLIENT_ID, // Cognito's access tokens carry none
    scope: env.TOKEN_SCOPE,
    keys: createRemoteJWKSet(new URL(env.TOKEN_KEYS_URL)),
    clock: systemClock,
  }),
})

const app = new Hono()
app.use('*', originLock(env.ORIGIN_SECRET, log))
app.all('*', (context) => api.fetch(context.req.raw))

/** The review API behind API Gateway: the same app as on one machine. */
export const handler = handle(app)
