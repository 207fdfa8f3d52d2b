/**
 * Bundled in place of `zod` (by alias, see `lib/constructs/bundled-function.ts`). The libraries under the API import the
 * whole namespace, and with it messages in fifty languages: 320 KB that nobody is shown.
 */
export * from '../../node_modules/zod/v4/classic/schemas.js'
export * from '../../node_modules/zod/v4/classic/checks.js'
export * from '../../node_modules/zod/v4/classic/errors.js'
export * from '../../node_modules/zod/v4/classic/parse.js'
export * from '../../node_modules/zod/v4/classic/compat.js'
export {
  config,
  flattenError,
  formatError,
  globalRegistry,
  NEVER,
  prettifyError,
  regexes,
  registry,
  treeifyError,
  util,
} from '../../node_modules/zod/v4/core/index.js'
export { toJSONSchema } from '../../node_modules/zod/v4/core/json-schema-processors.js'
export * as coerce from '../../node_modules/zod/v4/classic/coerce.js'
export * as core from '../../node_modules/zod/v4/core/index.js'
export * as iso from '../../node_modules/zod/v4/classic/iso.js'
export * as z from '../../node_modules/zod/v4/classic/schemas.js'
