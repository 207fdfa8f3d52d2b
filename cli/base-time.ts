import { BASE_TIME } from '../core/pipeline/settings.ts'
import { UsageError } from './failure.ts'

/**
 * The moment that all times inside a written file count from (RFC 3339), so that the same command gives the same bytes
 * tomorrow: `SOURCE_DATE_EPOCH` in seconds (reproducible-builds.org), or a fixed one.
 */
export function baseTime(env: NodeJS.ProcessEnv = process.env): string {
  const epoch = env['SOURCE_DATE_EPOCH']
  if (epoch === undefined || epoch === '') return BASE_TIME
  const date = new Date(Number(epoch) * 1000)
  if (!/^\d+$/.test(epoch) || Number.isNaN(date.getTime()))
    throw new UsageError(
      `SOURCE_DATE_EPOCH is "${epoch}"`,
      'It must be a whole number of seconds since 1970, such as 1767225600; or unset it.',
    )
  return date.toISOString().replace('.000Z', 'Z')
}
