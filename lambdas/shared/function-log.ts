import type { Logger } from '@aws-lambda-powertools/logger'
import type { Clock, Log } from '../../core/ports.ts'

export const systemClock: Clock = { now: () => Date.now() }

/** The log port over Powertools: the event is the message, its data are fields of their own, to be queried by name. */
export function functionLog(logger: Logger): Log {
  return {
    info: (event, data) => (data === undefined ? logger.info(event) : logger.info(event, { data })),
    warn: (event, data) => (data === undefined ? logger.warn(event) : logger.warn(event, { data })),
    error: (event, data) => (data === undefined ? logger.error(event) : logger.error(event, { data })),
  }
}
