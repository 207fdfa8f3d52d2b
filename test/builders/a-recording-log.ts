import type { Log } from '../../core/ports.ts'

export interface RecordingLog extends Log {
  readonly events: { level: 'info' | 'warn' | 'error'; event: string; data: Readonly<Record<string, unknown>> }[]
}

/** A log that a test can look into. */
export function aRecordingLog(): RecordingLog {
  const events: RecordingLog['events'] = []
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (event: string, data: Readonly<Record<string, unknown>> = {}) =>
      void events.push({ level, event, data })
  return { events, info: at('info'), warn: at('warn'), error: at('error') }
}
