import {
  DIALOGUE_SHAPE,
  DIALOGUE_SLOTS,
  MESSAGE_SHAPE,
  MESSAGE_SLOT,
  MESSAGE_SLOTS,
  SLOT,
  type Field,
  type Literal,
  type Shape,
} from '../record-shape.ts'
import { NOTE_LENGTHS, PADDING, type WalkerNotes } from '../record-walker.ts'
import { CONTENT_OPENING } from '../../dialogue/content-hash.ts'
import { KERNEL_BASE64 } from './kernel-binary.ts'

/** The kernel with its memory laid out: tables of the schema, the walker's notes, and the slab that records are read into. */
export interface Kernel {
  exports: KernelExports
  notes: WalkerNotes
  slab: Buffer
  /** Address of the slab's first byte. */
  slabAt: number
  /** Where `content` and `texts` put their result. */
  scratch: Buffer
  /** The canonical content of the record that was walked last, in `scratch`; its length, or -1. */
  content(): number
  /** The same for the texts of its messages. */
  texts(): number
}

interface KernelExports {
  memory: WebAssembly.Memory
  init(...addresses: number[]): void
  /** Addresses of a record; positions are noted relative to `origin`. 1 when it is a plain record. */
  walk(start: number, end: number, origin: number): number
  messageCount(): number
  labelsFound(): number
  initScratch(at: number, length: number): void
  /** Both give the number of bytes that they have put into the scratch, or -1. */
  content(...args: number[]): number
  texts(role: number, text: number): number
}

const SLAB_BYTES = 256 * 1024
/** A longer result is left to TypeScript. */
const SCRATCH_BYTES = 256 * 1024
/** The page before is the compiler's. */
const FIRST_FREE = 65_536

/** Undefined where the engine lacks WebAssembly or its SIMD instructions. */
export function createKernel(): Kernel | undefined {
  const exports = instantiate()
  if (exports === undefined) return undefined
  const { buffer } = exports.memory
  let free = FIRST_FREE
  const reserve = (bytes: number): number => {
    const at = free
    free += Math.ceil(bytes / 16) * 16
    return at
  }
  const notes: WalkerNotes = {
    spans: new Int32Array(buffer, reserve(NOTE_LENGTHS.spans * 4), NOTE_LENGTHS.spans),
    codes: new Int8Array(buffer, reserve(NOTE_LENGTHS.codes), NOTE_LENGTHS.codes),
    textFlags: new Uint8Array(buffer, reserve(NOTE_LENGTHS.textFlags), NOTE_LENGTHS.textFlags),
    textCharacters: new Uint32Array(buffer, reserve(NOTE_LENGTHS.textCharacters * 4), NOTE_LENGTHS.textCharacters),
    labels: new Int32Array(buffer, reserve(NOTE_LENGTHS.labels * 4), NOTE_LENGTHS.labels),
    labelIsStamp: new Uint8Array(buffer, reserve(NOTE_LENGTHS.labelIsStamp), NOTE_LENGTHS.labelIsStamp),
  }
  const lay = tablesIn(new DataView(buffer), reserve)
  const shapes = [lay(DIALOGUE_SHAPE), lay(MESSAGE_SHAPE)]
  const slabAt = reserve(SLAB_BYTES + PADDING)
  const { spans, codes, textFlags, textCharacters, labels, labelIsStamp } = notes
  const addresses = [spans, codes, textFlags, textCharacters, labels, labelIsStamp].map((view) => view.byteOffset)
  exports.init(...shapes, ...addresses, DIALOGUE_SLOTS, MESSAGE_SLOTS, MESSAGE_SLOT.whole)
  const opening = Buffer.from(CONTENT_OPENING)
  const openingAt = reserve(opening.length)
  opening.copy(Buffer.from(buffer), openingAt)
  const scratchAt = reserve(SCRATCH_BYTES)
  exports.initScratch(scratchAt, SCRATCH_BYTES)
  const { intent, techniques, text, role } = MESSAGE_SLOT
  return {
    exports,
    notes,
    slab: Buffer.from(buffer, slabAt, SLAB_BYTES + PADDING),
    slabAt,
    scratch: Buffer.from(buffer, scratchAt, SCRATCH_BYTES),
    content: () =>
      exports.content(openingAt, opening.length, SLOT.session_type, SLOT.concern, text, intent, techniques, techniques),
    texts: () => exports.texts(role, text),
  }
}

function instantiate(): KernelExports | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(KERNEL_BASE64, 'base64')))
    return isKernel(exports) ? exports : undefined
  } catch {
    // No SIMD, or no address space left: the walker in TypeScript does the same.
    return undefined
  }
}

/** The module is ours: a name that is there is the function of that name in kernel.as. */
function isKernel(exports: object): exports is KernelExports {
  return ['memory', 'init', 'walk', 'messageCount', 'labelsFound', 'initScratch', 'content', 'texts'].every(
    (name) => name in exports,
  )
}

/** Writes shapes as kernel.as reads them, words of four bytes; gives their addresses. Nested shapes come along. */
function tablesIn(view: DataView, reserve: (bytes: number) => number): (shape: Shape) => number {
  const words = (values: readonly number[]): number => {
    const at = reserve(values.length * 4)
    for (const [index, value] of values.entries()) view.setInt32(at + index * 4, value, true)
    return at
  }
  const literal = (text: Literal): number =>
    words([text.length, text.words.length, ...[...text.words].flatMap((word, piece) => [word, text.masks[piece] ?? 0])])
  const field = (of: Field): number =>
    words([
      of.kind,
      of.slot,
      of.bit,
      literal(of.name),
      words(of.values.map(literal)),
      of.values.length,
      of.shape === undefined ? 0 : shape(of.shape),
      of.least,
      of.most,
      of.stamp ? 1 : 0,
      0,
      0,
    ])
  const shape = (of: Shape): number =>
    words([of.required, of.listed ? 1 : 0, ...of.table.map((entry) => (entry === undefined ? 0 : field(entry)))])
  return shape
}
