import { createInterface, emitKeypressEvents } from 'node:readline'
import { PassThrough } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import type { Review } from '../../core/review/review.ts'
import { describeSystemError, isSystemError } from '../failure.ts'
import { onInterrupt } from '../interrupt.ts'
import { keyOf } from './keys.ts'
import type { Keypress } from './keys.ts'
import { render, screenContext } from './screen-render.ts'
import type { Frame, ScreenWorld } from './screen-layout.ts'
import { openScreen, reduce } from './screen-state.ts'
import type { ScreenEvent, ScreenState } from './screen-state.ts'
import type { Session } from './session.ts'

const ESC = '\x1b['
const ENTER = `${ESC}?1049h${ESC}?2004h${ESC}?25l${ESC}2J` // alternate screen, marks around pasted text, no cursor
const LEAVE = `${ESC}?25h${ESC}?2004l${ESC}?1049l`
const FRAME_START = `${ESC}?2026h` // terminals that know it show the frame at once; others ignore it
const FRAME_END = `${ESC}?2026l`

/** Escape alone and the start of an arrow key are the same byte; so long to wait for the rest, instead of half a second. */
const ESCAPE_TIMEOUT_MS = 50

/**
 * Runs the review screen until the reviewer leaves. `save` must have the review on the disk when it returns; when it
 * throws, the verdict is not given and the screen says so. The terminal is as it was afterwards, whatever happens.
 */
export async function runScreen(options: {
  session: Session
  world: ScreenWorld
  save: (review: Review) => void
  input: ReadStream
  output: WriteStream
}): Promise<{ session: Session; left: 'done' | 'interrupted' }> {
  const { world, save, input, output } = options
  const context = screenContext(world)
  let state = openScreen(options.session, output.columns, output.rows)
  let drawn: string[] = []

  const { promise, resolve, reject } = Promise.withResolvers<'done' | 'interrupted'>()

  function draw(): void {
    const frame = render(state, world)
    output.write(changes(frame, drawn))
    drawn = frame.lines
  }

  function take(event: ScreenEvent): void {
    try {
      const step = reduce(state, event, context)
      state = step.save === undefined ? step.state : saved(state, step.state, step.save)
      if (step.leave === undefined) draw()
      else resolve(step.leave)
    } catch (error) {
      reject(error)
    }
  }

  function saved(before: ScreenState, after: ScreenState, review: Review): ScreenState {
    try {
      save(review)
      return after
    } catch (error) {
      if (!isSystemError(error)) throw error
      return { ...before, message: `NOT saved: ${describeSystemError(error)}` }
    }
  }

  const onKey = (text: string | undefined, press: Keypress): void => {
    const key = keyOf(text, press)
    if (key !== undefined) take({ type: 'key', key, at: Date.now() })
  }
  const onResize = (): void => {
    drawn = []
    take({ type: 'resize', columns: output.columns, rows: output.rows })
  }
  const onHangUp = (): void => resolve('interrupted')

  const restore = terminalRestorer(input, output)
  const forget = onInterrupt(restore)
  // Only its timeout is wanted: the function takes it from an interface, and this one reads nothing.
  const timeouts = createInterface({ input: new PassThrough(), escapeCodeTimeout: ESCAPE_TIMEOUT_MS })
  emitKeypressEvents(input, timeouts)
  process.once('exit', restore)
  input.setRawMode(true)
  input.resume()
  output.write(ENTER)
  input.on('keypress', onKey)
  input.once('end', onHangUp)
  output.on('resize', onResize)
  try {
    draw()
    const left = await promise
    return { session: state.session, left }
  } finally {
    input.off('keypress', onKey)
    input.off('end', onHangUp)
    output.off('resize', onResize)
    timeouts.close()
    restore()
    forget()
    process.off('exit', restore)
    input.pause()
  }
}

/** Only the lines that are not on the screen already: nothing flickers, and a slow line stays usable. */
export function changes(frame: Frame, drawn: readonly string[]): string {
  const parts = [FRAME_START, `${ESC}?25l`]
  if (drawn.length !== frame.lines.length) parts.push(`${ESC}2J`)
  frame.lines.forEach((line, row) => {
    if (drawn.length !== frame.lines.length || drawn[row] !== line) parts.push(`${ESC}${row + 1};1H${line}`)
  })
  if (frame.cursor !== undefined) parts.push(`${ESC}${frame.cursor.row + 1};${frame.cursor.column + 1}H${ESC}?25h`)
  parts.push(FRAME_END)
  return parts.join('')
}

/** Once, and without waiting: it also runs while the process ends. */
function terminalRestorer(input: ReadStream, output: WriteStream): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    try {
      input.setRawMode(false)
      output.write(LEAVE)
    } catch {
      // The terminal is gone.
    }
  }
}
