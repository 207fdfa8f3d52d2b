/** Beside the environment of every stage ({@link StageEnvSchema}). */
export { ModelEnvSchema as EnvSchema, type ModelEnv as Env } from '../shared/model-env.ts'
