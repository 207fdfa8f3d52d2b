import { STAGES, type StageName } from '../core/pipeline/stages.ts'

/**
 * Every alarm there is: what it means in the words of those who notice it, and its runbook. The observability stack
 * builds them from here; the runbooks in docs/runbooks/ are held to this list by a test.
 */
export interface AlarmText {
  /** e.g. `generate-dead-letters`; unique within an environment, and the construct's name. */
  name: string
  kind: AlarmKind
  /** The stage, or the review API, or undefined for what belongs to none. */
  of: StageName | 'review-api' | undefined
  /** What a failure means for the people who use the system. */
  errorImpact: string
  /** From the repository's root; one for each kind, because the steps are the same for every stage. */
  runbook: string
}

export type AlarmKind =
  | 'errors'
  | 'throttles'
  | 'near-timeout'
  | 'dead-letters'
  | 'waiting-too-long'
  | 'nothing-comes-out'
  | 'api-5xx'
  | 'table-throttled'

const STAGE_IMPACT: Readonly<Record<StageName, string>> = {
  generate:
    'An uploaded seed file or request did not become dialogues: the data engineer waits for a batch that does not come.',
  'ask-model': 'Part of a batch has no answers of the language model: the batch is not written before they are there.',
  'open-review':
    'A dataset did not become a batch: clinicians have nothing to review although the dialogues are there.',
  apply: 'Reviews of a closed batch were not applied: approved dialogues are missing from the training set.',
  merge: 'Approved dialogues were not merged: training/latest.json still names the previous training set.',
}
const API_IMPACT = 'Clinicians see failed saves; the page keeps what they typed and tries again.'

/** What the kind says happened; the impact of its stage follows. */
const STAGE_KINDS: readonly { kind: AlarmKind; what: string }[] = [
  { kind: 'errors', what: 'The function ended with an error or ran out of time.' },
  { kind: 'throttles', what: 'The account had no free capacity to run the function.' },
  { kind: 'near-timeout', what: 'A run took more than four fifths of the time it has.' },
  { kind: 'dead-letters', what: 'An upload failed five times and is set aside until somebody redrives it.' },
  { kind: 'waiting-too-long', what: 'An upload has been waiting for more than 15 minutes.' },
  {
    kind: 'nothing-comes-out',
    what: 'More than half of the tries of the last hour ended with neither output nor refusal.',
  },
]
const API_KINDS: readonly { kind: AlarmKind; what: string }[] = [
  { kind: 'errors', what: 'The function of the review API ended with an error.' },
  { kind: 'throttles', what: 'The account had no free capacity to run the review API.' },
  { kind: 'near-timeout', what: 'A request took more than four fifths of the 29 seconds it has.' },
  { kind: 'api-5xx', what: 'More than one request in a hundred was answered with a server error.' },
]

const runbook = (kind: AlarmKind) => `docs/runbooks/${kind}.md`

export const ALARMS: readonly AlarmText[] = [
  ...Object.values(STAGES).flatMap(({ name }) =>
    STAGE_KINDS.map(({ kind, what }): AlarmText => ({
      name: `${name}-${kind}`,
      kind,
      of: name,
      errorImpact: `${what} ${STAGE_IMPACT[name]}`,
      runbook: runbook(kind),
    })),
  ),
  ...API_KINDS.map(({ kind, what }): AlarmText => ({
    name: kind === 'api-5xx' ? kind : `review-api-${kind}`,
    kind,
    of: 'review-api',
    errorImpact: `${what} ${API_IMPACT}`,
    runbook: runbook(kind),
  })),
  {
    name: 'table-throttled',
    kind: 'table-throttled',
    of: undefined,
    errorImpact: `The reviews table refused requests for want of capacity. ${API_IMPACT} Opening a batch takes longer.`,
    runbook: runbook('table-throttled'),
  },
]

/** Limits that the alarms' texts speak of. */
export const ALARM_LIMITS = { oldestMessageMinutes: 15, shareOfTimeout: 0.8, shareOfServerErrors: 0.01 } as const
