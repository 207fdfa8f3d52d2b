import { setImmediate } from 'node:timers/promises'

/**
 * How far a command is. On a terminal one line that is redrawn, elsewhere a plain line now and then, always on
 * standard error.
 */
export interface Progress {
  /** `done` of `total` in the progress's own unit. */
  at(done: number): void
  /** Shows the same again when its time has come: for waits in which nothing is done and much goes on. */
  tick(): void
  end(): void
}

export interface ProgressOptions {
  /** What is going on, e.g. `Generating`. */
  doing: string
  /** What is counted, plural: `dialogues`. `bytes` are shown as megabytes. */
  unit: string
  /** Unknown when undefined: then only the count and the rate are shown. */
  total?: number
  /** What else to say, at the end of the line. */
  more?: () => string
}

const REDRAW_MS = 100
/** A log that somebody reads later wants few lines. */
const LOG_MS = 5000

export function showProgress(options: ProgressOptions, stream: NodeJS.WriteStream = process.stderr): Progress {
  const started = performance.now()
  const live = stream.isTTY
  let shown = started
  let drawn = false
  let last = 0
  const progress: Progress = {
    at(done) {
      last = done
      const now = performance.now()
      if (now - shown < (live ? REDRAW_MS : LOG_MS)) return
      shown = now
      const line = progressLine(options, done, (now - started) / 1000)
      if (live) {
        stream.write(`\r${line.slice(0, Math.max(20, stream.columns - 1))}\x1b[K`)
        drawn = true
      } else {
        stream.write(`${line}\n`)
      }
    },
    tick: () => progress.at(last),
    end() {
      if (drawn) stream.write('\r\x1b[K')
      drawn = false
    },
  }
  return progress
}

/** `Generating 1,200 of 10,000 dialogues (12 %), 830/s, 11 s left`. `seconds` since the start. */
export function progressLine(options: ProgressOptions, done: number, seconds: number): string {
  const { doing, unit, total, more } = options
  const rate = seconds > 0 ? done / seconds : 0
  const amount = unit === 'bytes' ? (n: number) => `${(n / 1e6).toFixed(n < 1e7 ? 1 : 0)} MB` : count
  const of = total === undefined ? '' : ` of ${amount(total)}`
  const share = total === undefined || total === 0 ? '' : ` (${Math.floor((100 * Math.min(done, total)) / total)} %)`
  const left =
    total === undefined || rate === 0 || done >= total ? '' : `, ${duration(((total - done) / rate) * 1000)} left`
  const speed = unit === 'bytes' ? `${amount(rate)}/s` : `${count(rate >= 10 ? Math.round(rate) : rate)}/s`
  const rest = more?.() ?? ''
  return `${doing} ${amount(done)}${of}${unit === 'bytes' ? '' : ` ${unit}`}${share}, ${speed}${left}${rest === '' ? '' : `, ${rest}`}`
}

/** Passes every item on and reports each; gives signals and the clock a turn, which a busy generator would not. */
export async function* counted<T, R>(source: AsyncIterator<T, R>, progress: Progress): AsyncGenerator<T, R> {
  let done = 0
  let breathed = performance.now()
  try {
    for (;;) {
      const next = await source.next()
      if (next.done === true) return next.value
      yield next.value
      progress.at(++done)
      if (performance.now() - breathed > 50) {
        await setImmediate()
        breathed = performance.now()
      }
    }
  } finally {
    progress.end()
    await source.return?.()
  }
}

/** Passes bytes on and reports how many have been read, over all the sources that are given to it. */
export function meter(progress: Progress): (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  let done = 0
  return async function* (source) {
    try {
      for await (const chunk of source) {
        yield chunk
        done += chunk.length
        progress.at(done)
      }
    } finally {
      progress.end()
    }
  }
}

/** The same for a single source. */
export function measured(source: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  return meter(progress)(source)
}

const NUMBERS = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 })

/** 12,345 */
export function count(value: number): string {
  return NUMBERS.format(value)
}

/** `1 dialogue`, `12 dialogues`. */
export function counting(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** `8 s`, `12 min`, `3 h 20 min`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
