/** Every stage has the same environment; this one adds nothing to it. */
export { StageEnvSchema as EnvSchema, type StageEnv as Env } from '../shared/stage-env.ts'
