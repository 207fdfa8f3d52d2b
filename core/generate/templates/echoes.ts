import { factBit, factsOf } from './banks.ts'
import { FACT_NAMES, type FactName } from './facts.ts'

/** How often one fact is echoed in a dialogue before it wears out; what it is all about may come up more often. */
const MOST_ECHOES: Readonly<Partial<Record<FactName, number>>> = { topic: 4, feelings: 3 }
const MOST_ECHOES_OTHERWISE = 2

/** How often each fact has come back from the assistant. */
export interface Echoes {
  note(bits: number): void
  /** Bits of facts that have been echoed often enough. */
  worn(): number
}

export function createEchoes(): Echoes {
  const count = new Uint8Array(FACT_NAMES.length)
  let worn = 0
  return {
    note(bits) {
      for (const name of factsOf(bits)) {
        const at = FACT_NAMES.indexOf(name)
        count[at] = (count[at] ?? 0) + 1
        if ((count[at] ?? 0) >= (MOST_ECHOES[name] ?? MOST_ECHOES_OTHERWISE)) worn |= factBit(name)
      }
    },
    worn: () => worn,
  }
}
