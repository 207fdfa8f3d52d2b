import { fromEnv } from '@aws-sdk/credential-provider-env'

/**
 * Bundled in place of the SDK's own chain of credential providers (by alias, see `lib/constructs/bundled-function.ts`): a
 * function's credentials are in its environment. Profiles, single sign-on and instance metadata are 110 KB that every
 * cold start would read.
 */
export const defaultProvider = () => fromEnv()
