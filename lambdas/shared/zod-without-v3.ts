/**
 * Bundled in place of `zod/v3` (by alias): the OpenAI library still reads schemas of that version, of which we have none, and
 * needs these names to see that.
 */
export const ZodFirstPartyTypeKind = {}
