import { weighted } from '../random.ts'
import { safetyPassage } from '../safety/protocol.ts'
import { factBit, type Practice, type Template } from './banks.ts'
import { closingAtRisk, drawDisclosure, linesOf, sayPassage } from './risk-passage.ts'
import { NothingFits, type SessionPlan, type SessionWriter } from './session-writer.ts'

/** Exchanges of a practice after a risk passage: short, as one way of coping among others. */
const EXCHANGES_AFTER_RISK = 4
/** A session of fewer has no room for the number afterwards: seeds of two exchanges end with the first step. */
const EXCHANGES_TO_RERATE = 4

/** Offer, steps with the client's responses, the number again, and what to do when it did not help. */
export function microPractice(writer: SessionWriter, plan: SessionPlan): void {
  if (plan.risk === 'none') return practise(writer, plan.messages / 2, [])
  const { conversation } = writer
  const asks = (conversation.told & factBit('trigger')) === 0 ? 'trigger' : 'thought'
  const disclosure = drawDisclosure(writer, plan)
  writer.reply({ stage: 'open', asks })
  writer.client(asks, 'open', 0, disclosure)
  const passage = safetyPassage(conversation.rng, disclosure)
  if (plan.risk !== 'low') return sayPassage(writer, passage)
  sayPassage(writer, passage.slice(0, -1))
  practise(writer, EXCHANGES_AFTER_RISK, linesOf(writer, passage.at(-1)))
}

function practise(writer: SessionWriter, exchanges: number, before: readonly (readonly Template[])[]): void {
  const { conversation } = writer
  const practice = drawPractice(writer)
  writer.draft.practice = practice
  const { lists } = practice
  const rates = (conversation.told & factBit('mood')) === 0
  writer.say('consent', 'offer_mindfulness', ['consent'], [...before, practice.offers], {
    responds: before.length === 0,
    keep: 3,
    ...(rates ? { asks: 'mood' as const } : {}),
  })
  writer.clientLines([], { after: rates ? ['consent', 'mood'] : ['consent'] })

  const rerates = exchanges >= EXCHANGES_TO_RERATE
  const helped = conversation.arc !== 'stuck'
  let opens = practice.rationale
  const steps = stepsFor(practice, exchanges)
  for (const [at, step] of steps.entries()) {
    const ends = at === steps.length - 1 && rerates
    writer.say('practice', 'offer_mindfulness', ['practice_step'], [opens, step.says], {
      lists,
      keep: 4,
      ...(ends ? { asks: 'rerate' as const } : {}),
    })
    if (exchanges === 2) return
    opens = step.acknowledges
    // A partial success is in the number; the words for success and failure would both say too much.
    const outcome = conversation.arc === 'partial' ? [] : [helped ? practice.helped : practice.not_helped]
    if (ends) writer.clientLines([step.client, ...outcome], { lists, after: ['rerate'] })
    else writer.clientLines([step.client], { lists })
  }
  if (!helped && rerates) {
    writer.say('adapt', 'offer_mindfulness', ['practice_step', 'validation'], [practice.adapts], { lists })
    writer.clientLines([practice.adapt_client], { lists, heard: 'rerate' })
  }
  const closing = conversation.risk === 'none' ? writer.context.pools.any('closing') : closingAtRisk(writer)
  // What did not help is nothing to take along.
  const ending = helped ? [practice.takeaways, closing] : [closing]
  writer.say('close', 'close', ['closing'], ending, { responds: true, lists, keep: 4 })
}

/** As many steps as there are turns for: all of them, the two of a short session, or the first. */
function stepsFor({ steps, short }: Practice, exchanges: number): Practice['steps'] {
  const turns = exchanges - 2
  if (turns >= steps.length) return steps
  const chosen = turns >= 2 ? [...steps.slice(0, turns - 1).keys(), steps.length - 1] : [0]
  return (turns === 2 ? short : chosen).flatMap((at) => steps[at] ?? [])
}

function drawPractice({ conversation, context }: SessionWriter): Practice {
  const suited = context.practices.filter(
    ({ suits }) => suits === undefined || conversation.concerns.some((name) => suits.has(name)),
  )
  const weights = (suited.length > 0 ? suited : context.practices).map((practice) => {
    const favour = context.favoured.has(practice.technique) ? 2 : 1
    return [practice, favour / (1 + context.usage.of(practice.number))] as const
  })
  const drawn = weighted(conversation.rng, weights)
  if (drawn === undefined) throw new NothingFits()
  context.usage.use(drawn.number)
  return drawn
}
