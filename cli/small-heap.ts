import { setFlagsFromString } from 'node:v8'

/**
 * For a process that `bin/dialogues.js` could not start with these flags (Windows): the growth between full collections can
 * still be set, the size of the young space no longer has an effect. To be called before the heap has grown.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--max-semi-space-size=2')
  setFlagsFromString('--heap-growing-percent=10')
}
