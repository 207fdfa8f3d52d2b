import * as z from 'zod'

/** The environment of the review API's function, and the type of the construct's `environment`. */
export const ReviewApiEnvSchema = z.object({
  ENVIRONMENT: z.string().min(1),
  REVIEWS_TABLE: z.string().min(1),
  DATASETS_BUCKET: z.string().min(1),
  /** Exactly the `iss` of Cognito's tokens. */
  TOKEN_ISSUER: z.url(),
  /** The app client that tokens must have been issued to. */
  TOKEN_CLIENT_ID: z.string().min(1),
  /** Scope that the access token must carry: only the page's sign-in gives it, not a bare password exchange. */
  TOKEN_SCOPE: z.string().min(1),
  /** Where the issuer publishes its keys. */
  TOKEN_KEYS_URL: z.url(),
  /** What CloudFront adds to each request; whoever calls the API past it does not know it. */
  ORIGIN_SECRET: z.string().min(16),
})
export type ReviewApiEnv = z.infer<typeof ReviewApiEnvSchema>

/** The header that carries ORIGIN_SECRET. */
export const ORIGIN_HEADER = 'x-origin-secret'
