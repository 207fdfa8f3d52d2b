import type { Clock, Log } from '../core/ports.ts'

/** One line an event on standard output: the time, the event, and its data as name=value. */
export function createTerminalLog(clock: Clock, write: (line: string) => void): Log {
  const line = (mark: string, event: string, data: Readonly<Record<string, unknown>> = {}) => {
    const at = new Date(clock.now()).toTimeString().slice(0, 8)
    const fields = Object.entries(data).flatMap(([name, value]) => {
      const text = textOf(value)
      return text === undefined ? [] : [`${name}=${text}`]
    })
    write([at, mark + event, ...fields].join('  '))
  }
  return {
    info: (event, data) => line('', event, data),
    warn: (event, data) => line('! ', event, data),
    error: (event, data) => line('!! ', event, data),
  }
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value)
  return JSON.stringify(value)
}
