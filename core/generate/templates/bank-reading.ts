import { createHash } from 'node:crypto'
import * as z from 'zod'
import { isPlain, wordsIn, type BankFault, type Template } from './banks.ts'
import { checkFrame, type TextFault } from './check-text.ts'
import { SLOT_OF } from './facts.ts'
import { compileInterchanged, createInterchange, InterchangeFileSchema } from './interchange.ts'
import { parseTemplate, slotsOf, TemplateSyntaxError, type Part } from './template.ts'

export interface BankFile {
  /** Relative to the content folder, with `/`: `situations/anxiety.yaml`. */
  path: string
  text: string
}

/** What is shared while all files are read: faults, ids, numbers. */
export interface BankReading {
  errors: BankFault[]
  warnings: BankFault[]
  /** A number that no other template, bundle or practice has. */
  number(): number
  /** How many numbers are given away. */
  numbered(): number
  /** From now on templates come with the choices of words of this file: `wordings/interchangeable.yaml`. */
  interchange(value: unknown, file: FileReading): void
  file(file: BankFile): FileReading
}

/** Reads one file: everything it complains of carries the file and the line. */
export interface FileReading {
  path: string
  number(): number
  /** `words` stand on the line that is meant; `after` is where to start looking for them. */
  fault(
    severity: 'error' | 'warning',
    where: string,
    message: string,
    fix: string,
    words?: string,
    after?: string,
  ): void
  faults(faults: readonly TextFault[], where: string, words: string, after?: string): void
  schemaFaults(error: z.ZodError, value: unknown): void
  /** Complains when the id is taken. */
  claim(id: string, where: string, what: string, words: string): void
  /** Parses, checks and compiles a frame; `lists` are slots beside the facts. */
  template(prefix: string, text: string, lists?: ReadonlySet<string>): Template
}

export function createBankReading(): BankReading {
  const errors: BankFault[] = []
  const warnings: BankFault[] = []
  const owners = new Map<string, string>()
  let numbers = 0
  const number = (): number => numbers++
  const nothing = createInterchange([])
  let interchanges = { nothing, anywhere: nothing, assistant: nothing, client: nothing, practices: nothing }

  const file = ({ path, text: content }: BankFile): FileReading => {
    const fault: FileReading['fault'] = (severity, where, message, fix, words, after) => {
      const line = words === undefined ? undefined : lineOf(content, words, after)
      const list = severity === 'error' ? errors : warnings
      list.push({ severity, file: path, line, where, message, fix })
    }
    const faults: FileReading['faults'] = (found, where, words, after) => {
      for (const { severity, message, fix } of found) fault(severity, where, message, fix, words, after)
    }
    const claim: FileReading['claim'] = (id, where, what, words) => {
      const owner = owners.get(id)
      if (owner !== undefined)
        fault(
          'error',
          where,
          `${what} is there twice (also in ${owner})`,
          'Take one out, or give it a new wording.',
          words,
        )
      owners.set(id, path)
    }
    return {
      path,
      number,
      fault,
      faults,
      claim,

      schemaFaults(error, value) {
        for (const issue of error.issues.slice(0, 30)) {
          const names = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : String(step)))
          const bundle = bundleIdAt(value, issue.path)
          const where =
            bundle === undefined
              ? names.join('.') || 'the file'
              : `bundle ${bundle}, ${names.slice(2).join('.') || 'itself'}`
          const words = bundle === undefined ? undefined : `id: ${bundle}`
          fault('error', where, issue.message, 'Compare with docs/guides/banks.md.', words)
        }
      },

      template(prefix, text, lists = NO_LISTS) {
        const where = `frame "${text.length > 48 ? `${text.slice(0, 47)}…` : text}"`
        const parts = parse(text, (message) =>
          fault('error', where, message, 'Brackets and braces come in pairs; docs/guides/banks.md, "Frames".', text),
        )
        for (const slot of slotsOf(parts)) {
          if (lists.has(slot.name)) continue
          if (SLOT_OF[slot.name] === undefined || NO_SLOTS.has(slot.name))
            fault('error', where, `there is no slot {${slot.name}}`, nearestSlot(slot.name), text)
          else if (slot.count !== undefined)
            fault(
              'error',
              where,
              `{${slot.name}:${slot.count}} counts something that is no list`,
              'Only lists of a practice can be counted.',
              text,
            )
        }
        faults(checkFrame(parts), where, text)
        const id = `${prefix}.${createHash('sha256').update(text).digest('hex').slice(0, 6)}`
        claim(id, where, 'the frame', text)
        const kind = interchangeIn(path, prefix)
        const { changed, ...compiled } = compileInterchanged(parts, interchanges[kind])
        const plain = !changed && isPlain(parts)
        return { id, number: number(), source: text, plain, words: wordsIn(parts), ...compiled }
      },
    }
  }
  const interchange: BankReading['interchange'] = (value, reading) => {
    const parsed = InterchangeFileSchema.safeParse(value)
    if (!parsed.success) return reading.schemaFaults(parsed.error, value)
    const { anywhere, assistant, client, practices } = parsed.data
    interchanges = {
      nothing,
      anywhere: createInterchange(anywhere),
      assistant: createInterchange([...assistant, ...anywhere]),
      // People who write "don't" do not write "do not" in the next line.
      client: createInterchange(client),
      practices: createInterchange([...practices, ...anywhere]),
    }
  }
  return { errors, warnings, number, numbered: () => numbers, interchange, file }
}

/** Which words may be exchanged: none in what clients say of risk, which is read word by word. */
function interchangeIn(path: string, prefix: string): 'nothing' | 'anywhere' | 'assistant' | 'client' | 'practices' {
  if (path === 'safety/replies.yaml') return 'anywhere'
  if (path.startsWith('practices/')) return 'practices'
  if (path.startsWith('safety/')) return 'nothing'
  return prefix.startsWith('client.') ? 'client' : 'assistant'
}

const NO_LISTS: ReadonlySet<string> = new Set()
/** Facts that only the engine adds, and the name of a concern, which only facts of `any.yaml` hold. */
const NO_SLOTS: ReadonlySet<string> = new Set(['concern', 'detail', 'tangent'])

function parse(text: string, onFault: (message: string) => void): Part[] {
  try {
    return parseTemplate(text)
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error
    onFault(error.message)
    return []
  }
}

/** The 1-based line where the words stand: YAML values carry no positions. Looked up only for a fault. */
function lineOf(content: string, words: string, after = ''): number | undefined {
  const from = Math.max(0, content.indexOf(after))
  const probe = words.slice(0, 40)
  let at = content.indexOf(probe, from)
  if (at === -1) at = content.indexOf(probe.replaceAll('"', '\\"'), from)
  return at === -1 ? undefined : content.slice(0, at).split('\n').length
}

function bundleIdAt(value: unknown, path: readonly PropertyKey[]): string | undefined {
  if (path[0] !== 'bundles' || typeof path[1] !== 'number') return undefined
  const found = z.looseObject({ bundles: z.array(z.unknown()) }).safeParse(value)
  const bundle = found.success ? z.looseObject({ id: z.string() }).safeParse(found.data.bundles[path[1]]) : undefined
  return bundle?.success === true ? bundle.data.id : undefined
}

function nearestSlot(name: string): string {
  const near = Object.keys(SLOT_OF).filter((known) => known.startsWith(name.slice(0, 3)))
  return near.length > 0
    ? `Did you mean ${near.map((known) => `{${known}}`).join(' or ')}?`
    : `Slots are the facts of docs/guides/banks.md: ${Object.keys(SLOT_OF).join(', ')}.`
}
