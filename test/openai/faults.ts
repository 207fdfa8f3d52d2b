import { rngFrom } from '../../core/generate/random.ts'

/** What the fake server can do instead of answering well. README.md beside this file says what each is. */
export const FAULTS = [
  'unauthorized',
  'forbidden',
  'no_such_model',
  'rate_limited',
  'rate_limited_silently',
  'insufficient_quota',
  'server_error',
  'overloaded',
  'slow',
  'hang',
  'cut',
  'broken_body',
  'truncated_json',
  'wrong_schema',
  'refusal',
  'content_filter',
  'prompt_filter',
  'length',
  'empty',
  'no_usage',
  'duplicate',
  'unsafe',
  'echo',
  'no_temperature',
  'no_max_tokens',
  'no_structured_output',
] as const
export type Fault = (typeof FAULTS)[number]

/** Decides by the number of the request, from 1, what goes wrong with it. */
export type FaultScript = (nth: number) => Fault | undefined

/**
 * `hang` always; `hang@3` the third request; `hang@3,7-9`; `hang@4-` from the fourth on; `hang%10` ten of a hundred, by
 * chance that is the same in each run. The first rule that fits decides. Throws an Error for a rule that is none.
 */
export function scriptOf(rules: readonly string[], seed = 'faults'): FaultScript {
  const read = rules.map((rule, at) => ruleOf(rule, `${seed} ${at}`))
  return (nth) => {
    // Each rule is asked, so that a chance is drawn once a request whatever the rules before it say.
    const found = read.map((rule) => rule(nth))
    return found.find((fault) => fault !== undefined)
  }
}

function ruleOf(rule: string, seed: string): FaultScript {
  const [, name, at, percent] = /^(\w+)(?:@([\d,-]+)|%(\d+(?:\.\d+)?))?$/.exec(rule) ?? []
  const fault = FAULTS.find((one) => one === name)
  if (fault === undefined)
    throw new Error(`"${rule}" is no fault; write name, name@3,7-9 or name%10, with one of ${FAULTS.join(', ')}`)
  if (percent !== undefined) {
    const rng = rngFrom(seed, rule)
    return () => (rng() * 100 < Number(percent) ? fault : undefined)
  }
  if (at === undefined) return () => fault
  const ranges = at.split(',').map((part) => {
    const [from = '', to] = part.split('-')
    return { from: Number(from), to: to === undefined ? Number(from) : to === '' ? Infinity : Number(to) }
  })
  return (nth) => (ranges.some(({ from, to }) => nth >= from && nth <= to) ? fault : undefined)
}
