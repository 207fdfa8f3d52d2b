import { createRecordWalker, type RecordWalker } from '../record-walker.ts'
import { createKernel, type Kernel } from './kernel-memory.ts'

/** A walker that takes the records of one buffer, its slab, in WebAssembly, and those of other buffers in TypeScript. */
export interface KernelWalker extends RecordWalker {
  /** For the reader to read into; undefined where there is no kernel, and all goes the way of TypeScript. */
  slab: Buffer | undefined
  /** When done with walker and slab: their memory is lent to the next. */
  release(): void
}

/** Lent out one at a time: each reserves address space by the gigabyte, so they are not made anew for every file. */
const idle: Kernel[] = []
const MOST_IDLE = 4

export function acquireWalker(): KernelWalker {
  const kernel = idle.pop() ?? createKernel()
  return kernel === undefined
    ? Object.assign(createRecordWalker(), { slab: undefined, release: () => undefined })
    : lent(kernel)
}

function lent(kernel: Kernel): KernelWalker {
  const { notes, exports, slab, slabAt } = kernel
  const plain = createRecordWalker(notes)
  // Each of the two clears only what it noted itself the last time.
  let last: 'kernel' | 'plain' = 'plain'
  const turnTo = (next: typeof last): void => {
    if (last === next) return
    last = next
    notes.spans.fill(-1)
    notes.codes.fill(-1)
  }
  const scratched = (make: () => number): Buffer | undefined => {
    if (last === 'plain') return undefined
    const length = make()
    return length === -1 ? undefined : kernel.scratch.subarray(0, length)
  }
  const walker: KernelWalker = {
    ...notes,
    messages: 0,
    labelCount: 0,
    slab,
    walk(bytes, start, end) {
      if (bytes !== slab) {
        turnTo('plain')
        const accepted = plain.walk(bytes, start, end)
        walker.messages = plain.messages
        walker.labelCount = plain.labelCount
        return accepted
      }
      turnTo('kernel')
      const accepted = exports.walk(slabAt + start, slabAt + end, slabAt) === 1
      walker.messages = exports.messageCount()
      walker.labelCount = exports.labelsFound()
      return accepted
    },
    quickContent: () => scratched(() => kernel.content()),
    quickTexts: () => scratched(() => kernel.texts()),
    release() {
      if (idle.length < MOST_IDLE && !idle.includes(kernel)) idle.push(kernel)
    },
  }
  return walker
}
