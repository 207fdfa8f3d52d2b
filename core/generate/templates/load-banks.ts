import { createHash } from 'node:crypto'
import { load, YAMLException } from 'js-yaml'
import * as z from 'zod'
import type { SessionType } from '../../dialogue/vocabulary.ts'
import { InputError } from '../../errors.ts'
import { isPlural, secondPerson } from './agreement.ts'
import {
  compile,
  factBit,
  isPlain,
  wordsIn,
  type AssistantFrame,
  type BankFault,
  type Banks,
  type Bundle,
  type ClientFrame,
  type Conditions,
  type OwnFrame,
  type Practice,
  type Template,
  type Wording,
} from './banks.ts'
import {
  FramesFileSchema,
  PracticeFileSchema,
  SituationsFileSchema,
  type AssistantSection,
  type BundleSource,
  type ClientSection,
  type FrameSource,
  type PracticeSource,
} from './bank-schema.ts'
import { checkAssistantSentence, checkFact, checkFrame, type TextFault } from './check-text.ts'
import { FACTS, FACT_NAMES, isFactName, SLOT_OF, type FactName } from './facts.ts'
import { PathFileSchema, type Path } from './paths.ts'
import {
  ANSWER_LINES,
  CRISIS_SLOTS,
  DisclosuresFileSchema,
  LinesFileSchema,
  REPLY_LINES,
  type AnswerLine,
  type Disclosure,
  type ReplyLine,
} from '../safety/safety-bank.ts'
import { parseTemplate, slotsOf, TemplateSyntaxError, type Part } from './template.ts'

export interface BankFile {
  /** Relative to the content folder, with `/`: `situations/anxiety.yaml`. */
  path: string
  text: string
}

/** Below this a concern repeats itself within one batch; the loader says so. */
export const BUNDLES_WANTED = 25
const BUNDLES_AT_LEAST = 5

/** Longer facts are told once, and come back only in a summary. */
const WORDS_TO_ECHO = 13

/** Reads, checks and compiles all banks. Throws one InputError that lists what is wrong, file and line first. */
export function loadBanks(files: readonly BankFile[]): Banks {
  const { banks, errors } = readBanks(files)
  if (errors.length === 0) return banks
  const shown = errors.slice(0, 20).map(faultInWords)
  const more = errors.length > shown.length ? `\n… and ${errors.length - shown.length} more` : ''
  throw new InputError(
    `the content has ${errors.length} error${errors.length === 1 ? '' : 's'}\n${shown.join('\n')}${more}`,
    {
      fix: 'docs/guides/banks.md describes the files; node scripts/check-banks.ts checks them.',
    },
  )
}

export function faultInWords(fault: BankFault): string {
  return `${fault.file}${fault.line === undefined ? '' : `:${fault.line}`}: ${fault.where}: ${fault.message}\n    ${fault.fix}`
}

/** Like {@link loadBanks}, but keeps what is sound and returns the faults. */
export function readBanks(files: readonly BankFile[]): { banks: Banks; errors: BankFault[] } {
  const reading = new Reading()
  const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const hash = createHash('sha256')
  for (const file of ordered) {
    hash.update(JSON.stringify([file.path, file.text]))
    reading.file(file)
  }
  return reading.finish(hash.digest('hex'))
}

class Reading {
  readonly #errors: BankFault[] = []
  readonly #warnings: BankFault[] = []
  readonly #situations = new Map<string, Bundle[]>()
  readonly #assistant: AssistantFrame[] = []
  readonly #client: ClientFrame[] = []
  readonly #practices: Practice[] = []
  readonly #paths = new Map<SessionType, Path>()
  readonly #replies = new Map<ReplyLine, Template[]>()
  readonly #answers = new Map<AnswerLine, Template[]>()
  readonly #disclosures: Disclosure[] = []
  #numbered = 0
  readonly #ids = new Map<string, string>()
  #file: BankFile = { path: '', text: '' }

  file(file: BankFile): void {
    this.#file = file
    const [folder = ''] = file.path.split('/')
    let value: unknown
    try {
      value = load(file.text, { filename: file.path })
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error
      const line = /\((\d+):\d+\)/.exec(error.message)?.[1]
      this.#fault(
        'error',
        line === undefined ? undefined : Number(line),
        'the file',
        `is no YAML: ${error.reason}`,
        'Put every string in double quotes.',
      )
      return
    }
    if (folder === 'situations') this.#situationsFile(value)
    else if (folder === 'frames') this.#framesFile(value)
    else if (folder === 'practices') this.#practiceFile(value)
    else if (folder === 'paths') this.#pathFile(value)
    else if (folder === 'safety') this.#safetyFile(value)
    else
      this.#fault(
        'error',
        undefined,
        'the file',
        `is in folder "${folder}", which nothing reads`,
        'Folders are situations, frames, practices, paths, safety.',
      )
  }

  finish(sha256: string): { banks: Banks; errors: BankFault[] } {
    for (const [concern, bundles] of this.#situations) {
      const where = `concern ${concern}`
      const file = `situations/${concern}.yaml`
      if (bundles.length < BUNDLES_AT_LEAST)
        this.#errors.push({
          severity: 'error',
          file,
          line: undefined,
          where,
          message: `has ${bundles.length} bundles`,
          fix: `Write ${BUNDLES_WANTED}; ${BUNDLES_AT_LEAST} at the very least.`,
        })
      else if (bundles.length < BUNDLES_WANTED)
        this.#warnings.push({
          severity: 'warning',
          file,
          line: undefined,
          where,
          message: `has ${bundles.length} bundles`,
          fix: `${BUNDLES_WANTED} keep a batch from repeating itself.`,
        })
    }
    return {
      banks: {
        situations: this.#situations,
        assistant: this.#assistant,
        client: this.#client,
        practices: this.#practices,
        paths: this.#paths,
        safety: { replies: this.#replies, answers: this.#answers, disclosures: this.#disclosures },
        numbered: this.#numbered,
        sha256,
        warnings: this.#warnings,
      },
      errors: this.#errors,
    }
  }

  #fault(severity: 'error' | 'warning', line: number | undefined, where: string, message: string, fix: string): void {
    const list = severity === 'error' ? this.#errors : this.#warnings
    list.push({ severity, file: this.#file.path, line, where, message, fix })
  }

  #textFaults(faults: readonly TextFault[], line: number | undefined, where: string): void {
    for (const { severity, message, fix } of faults) this.#fault(severity, line, where, message, fix)
  }

  /** The line where the words stand, searched from a given offset: YAML values carry no positions. */
  #lineOf(words: string, from = 0): number | undefined {
    const probe = words.slice(0, 40)
    let at = this.#file.text.indexOf(probe, from)
    if (at === -1) at = this.#file.text.indexOf(probe.replaceAll('"', '\\"'), from)
    if (at === -1) return undefined
    let line = 1
    for (
      let next = this.#file.text.indexOf('\n');
      next !== -1 && next < at;
      next = this.#file.text.indexOf('\n', next + 1)
    )
      line++
    return line
  }

  #schemaFaults(error: z.ZodError, value: unknown): void {
    for (const issue of error.issues.slice(0, 30)) {
      const names = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : String(step)))
      const bundle = bundleIdAt(value, issue.path)
      const where =
        bundle === undefined
          ? names.join('.') || 'the file'
          : `bundle ${bundle}, ${names.slice(2).join('.') || 'itself'}`
      this.#fault(
        'error',
        bundle === undefined ? undefined : this.#lineOf(`id: ${bundle}`),
        where,
        issue.message,
        'Compare with docs/guides/banks.md.',
      )
    }
  }

  #unique(id: string, line: number | undefined, where: string, what: string): void {
    const other = this.#ids.get(id)
    if (other !== undefined)
      this.#fault(
        'error',
        line,
        where,
        `${what} is there twice (also in ${other})`,
        'Take one out, or give it a new wording.',
      )
    this.#ids.set(id, this.#file.path)
  }

  #situationsFile(value: unknown): void {
    const parsed = SituationsFileSchema.safeParse(value)
    if (!parsed.success) return this.#schemaFaults(parsed.error, value)
    const { concern, bundles } = parsed.data
    if (this.#file.path !== `situations/${concern}.yaml`)
      this.#fault(
        'error',
        1,
        'concern',
        `is "${concern}", but the file is called ${this.#file.path}`,
        `Call it situations/${concern}.yaml.`,
      )
    const list = this.#situations.get(concern) ?? []
    this.#situations.set(concern, list)
    for (const source of bundles) list.push(this.#bundle(concern, source))
  }

  #bundle(concern: string, source: BundleSource): Bundle {
    const at = Math.max(0, this.#file.text.indexOf(`id: ${source.id}\n`))
    const id = `${concern}/${source.id}`
    this.#unique(id, this.#lineOf(`id: ${source.id}`), `bundle ${source.id}`, 'the id')
    const facts: Partial<Record<FactName, Wording[]>> = {}
    for (const name of FACT_NAMES) {
      const wordings = source.facts[name]
      if (wordings === undefined) continue
      for (const wording of wordings) {
        // The bundles that serve any concern may name it; that is the one slot a fact can hold.
        const plain = concern === 'any' ? wording.replaceAll('{concern}', 'this') : wording
        this.#textFaults(checkFact(name, plain), this.#lineOf(wording, at), `bundle ${source.id}, ${name}`)
      }
      facts[name] = wordings.map((written) => {
        // "my wife, who is better at numbers" is told once and then she is "my wife": in mid-sentence only that fits.
        const wording = name === 'support' ? (/^(.*?)(?:,| who )/.exec(written)?.[1] ?? written) : written
        return {
          client: wording,
          assistant: secondPerson(wording),
          plural: FACTS[name].type === 'noun_phrase' && isPlural(wording),
          lengthy: wording.split(' ').length > WORDS_TO_ECHO,
        }
      })
    }
    if ((facts.feelings?.length ?? 0) < 2)
      this.#fault(
        'error',
        this.#lineOf('feelings', at),
        `bundle ${source.id}, feelings`,
        'has fewer than two',
        'Write two to four adjectives.',
      )
    const own = (
      kind: 'reflection' | 'question',
      from: BundleSource['reflections'],
    ): Partial<Record<FactName, OwnFrame[]>> => {
      const out: Partial<Record<FactName, OwnFrame[]>> = {}
      for (const [name, texts] of Object.entries(from)) {
        if (!isFactName(name)) continue
        out[name] = texts.map((text, index) => {
          this.#textFaults(
            checkAssistantSentence(kind, text),
            this.#lineOf(text, at),
            `bundle ${source.id}, ${kind}s.${name}`,
          )
          return { id: `${id}#${kind}.${name}.${index + 1}`, text }
        })
      }
      return out
    }
    return {
      id,
      number: this.#numbered++,
      concern,
      sub_concern: source.sub_concern,
      ages: source.ages,
      contexts: source.contexts,
      facts,
      reflections: own('reflection', source.reflections),
      questions: own('question', source.questions),
    }
  }

  #template(
    prefix: string,
    text: string,
    lists: ReadonlySet<string> = new Set(),
  ): Template & { conditionsOnly?: never } {
    const where = `frame "${text.length > 48 ? `${text.slice(0, 47)}…` : text}"`
    const line = this.#lineOf(text)
    let parsed: Part[] = []
    try {
      parsed = parseTemplate(text)
    } catch (error) {
      if (!(error instanceof TemplateSyntaxError)) throw error
      this.#fault(
        'error',
        line,
        where,
        error.message,
        'Brackets and braces come in pairs; docs/guides/banks.md, "Frames".',
      )
    }
    for (const slot of slotsOf(parsed)) {
      const known = SLOT_OF[slot.name]
      if (lists.has(slot.name)) continue
      if (known === undefined || slot.name === 'concern' || slot.name === 'detail' || slot.name === 'tangent')
        this.#fault('error', line, where, `there is no slot {${slot.name}}`, nearestSlot(slot.name))
      else if (slot.count !== undefined)
        this.#fault(
          'error',
          line,
          where,
          `{${slot.name}:${slot.count}} counts something that is no list`,
          'Only lists of a practice can be counted.',
        )
    }
    this.#textFaults(checkFrame(parsed), line, where)
    const id = `${prefix}.${createHash('sha256').update(text).digest('hex').slice(0, 6)}`
    this.#unique(id, line, where, 'the frame')
    return {
      id,
      number: this.#numbered++,
      source: text,
      plain: isPlain(parsed),
      words: wordsIn(parsed),
      ...compile(parsed),
    }
  }

  #framesFile(value: unknown): void {
    const parsed = FramesFileSchema.safeParse(value)
    if (!parsed.success) return this.#schemaFaults(parsed.error, value)
    if (parsed.data.speaker === 'assistant') for (const section of parsed.data.sections) this.#assistantSection(section)
    else for (const section of parsed.data.sections) this.#clientSection(section)
  }

  #assistantSection(section: AssistantSection): void {
    const hears = section.hears === undefined ? undefined : new Set(section.hears)
    const prefix = [
      section.technique,
      ...(section.hears?.length === 1 ? section.hears : []),
      ...(section.asks === undefined ? [] : [section.asks]),
    ].join('.')
    for (const frame of section.frames)
      this.#assistant.push({
        ...withTold(this.#template(prefix, frame.text), section, frame),
        ...conditions(section, frame),
        technique: section.technique,
        hears,
        asks: section.asks,
      })
  }

  #clientSection(section: ClientSection): void {
    for (const frame of section.frames)
      this.#client.push({
        ...withTold(
          this.#template(
            `client.${section.gives}${section.voices === undefined ? '' : `.${section.voices.join('-')}`}`,
            frame.text,
          ),
          section,
          frame,
        ),
        ...conditions(section, frame),
        gives: section.gives,
      })
  }

  #pathFile(value: unknown): void {
    const parsed = PathFileSchema.safeParse(value)
    if (!parsed.success) return this.#schemaFaults(parsed.error, value)
    this.#paths.set(parsed.data.session_type, parsed.data)
  }

  #safetyFile(value: unknown): void {
    if (this.#file.path === 'safety/disclosures.yaml') {
      const parsed = DisclosuresFileSchema.safeParse(value)
      if (!parsed.success) return this.#schemaFaults(parsed.error, value)
      for (const { texts, ...what } of parsed.data.disclosures)
        for (const text of texts)
          this.#disclosures.push({ ...this.#template(`safety.disclosure.${what.level}`, text), ...what })
      return
    }
    const parsed = LinesFileSchema.safeParse(value)
    if (!parsed.success) return this.#schemaFaults(parsed.error, value)
    if (this.#file.path === 'safety/replies.yaml') this.#lines(parsed.data.lines, REPLY_LINES, this.#replies)
    else if (this.#file.path === 'safety/answers.yaml') this.#lines(parsed.data.lines, ANSWER_LINES, this.#answers)
    else
      this.#fault(
        'error',
        undefined,
        'the file',
        'is not read',
        'Files in safety/ are replies.yaml, answers.yaml and disclosures.yaml.',
      )
  }

  #lines<L extends string>(lines: Record<string, string[]>, known: readonly L[], into: Map<L, Template[]>): void {
    for (const name of Object.keys(lines))
      if (!known.some((line) => line === name))
        this.#fault(
          'error',
          this.#lineOf(`${name}:`),
          `line ${name}`,
          'is not used anywhere',
          `Lines are ${known.join(', ')}.`,
        )
    for (const line of known) {
      const texts = lines[line]
      if (texts === undefined) {
        this.#fault('error', undefined, `line ${line}`, 'is missing', 'The protocol needs it; write 20 wordings.')
        continue
      }
      into.set(
        line,
        texts.map((text) => this.#template(`safety.${line}`, text, CRISIS_SLOTS)),
      )
    }
  }

  #practiceFile(value: unknown): void {
    const parsed = PracticeFileSchema.safeParse(value)
    if (!parsed.success) return this.#schemaFaults(parsed.error, value)
    const source: PracticeSource = parsed.data
    const lists = new Set(Object.keys(source.lists))
    const templates = (part: string, texts: readonly string[]): Template[] =>
      texts.map((text) => this.#template(`practice.${source.id}.${part}`, text, lists))
    this.#practices.push({
      id: source.id,
      number: this.#numbered++,
      technique: source.technique,
      minutes: source.minutes,
      suits: source.suits === undefined ? undefined : new Set(source.suits),
      lists: source.lists,
      offers: templates('offer', source.offers),
      rationale: templates('rationale', source.rationale),
      steps: source.steps.map((step, index) => ({
        says: templates(`step${index + 1}`, step.says),
        client: templates(`step${index + 1}-client`, step.client),
        acknowledges: templates(`step${index + 1}-heard`, step.acknowledges),
      })),
      short: [(source.short?.[0] ?? 1) - 1, (source.short?.[1] ?? source.steps.length) - 1],
      helped: templates('helped', source.helped),
      not_helped: templates('not-helped', source.not_helped),
      adapts: templates('adapt', source.adapts),
      adapt_client: templates('adapt-client', source.adapt_client),
      takeaways: templates('takeaway', source.takeaways),
    })
  }
}

/** `told` works like a slot that leaves no words. */
function withTold(template: Template, section: Partial<FrameSource>, frame: FrameSource): Template {
  const told = frame.told ?? section.told ?? []
  return { ...template, needs: told.reduce((needs, fact) => needs | factBit(fact), template.needs) }
}

function conditions(section: Partial<FrameSource>, frame: FrameSource): Conditions {
  const set = <T>(own: T[] | undefined, common: T[] | undefined): Set<T> | undefined => {
    const chosen = own ?? common
    return chosen === undefined ? undefined : new Set(chosen)
  }
  return {
    stages: set(frame.stages, section.stages),
    arcs: set(frame.arcs, section.arcs),
    voices: set(frame.voices, section.voices),
    concerns: set(frame.concerns, section.concerns),
    not_concerns: set(frame.not_concerns, section.not_concerns),
    weight: frame.weight ?? section.weight ?? 1,
  }
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
