/** What went wrong with the local AWS, in one or two lines for a person; the details are in the log it names. */
export class HarnessError extends Error {
  override name = 'HarnessError'
}

/** The `code` of a Node system error (`ENOENT`, `ESRCH`, …), if it is one. */
export const systemErrorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
