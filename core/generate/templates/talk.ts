import { safetyPassage } from '../safety/protocol.ts'
import { factBit } from './banks.ts'
import { tellings } from './conversation.ts'
import { isFactName } from './facts.ts'
import { drawBeats, type Beat, type Path, type Preferences } from './paths.ts'
import { closingAtRisk, drawDisclosure, leadBack, sayPassage } from './risk-passage.ts'
import { NothingFits, type SessionPlan, type SessionWriter } from './session-writer.ts'

/** Bits of what later beats will ask for: not to be given away before. */
function laterBits(beats: readonly Beat[]): number {
  let bits = 0
  for (const { asks } of beats) if (isFactName(asks)) bits |= factBit(asks)
  return bits
}

function preferences({ conversation, context }: SessionWriter): Preferences {
  const { questions } = conversation.bundle
  return {
    tellingsOf: tellings(conversation, context.usage),
    hasQuestion: (fact) => questions[fact] !== undefined,
  }
}

/** check-in and gentle_deep: beat after beat, then the close; a disclosure turns the session into a risk passage. */
export function talk(writer: SessionWriter, plan: SessionPlan): void {
  if (plan.risk !== 'none') return talkOfRisk(writer, plan)
  const { conversation, context } = writer
  const replies = plan.messages / 2
  const openEnded = isOpenEnded(context.path, plan.messages)
  const beats = drawBeats(
    conversation.rng,
    openEnded && conversation.rng() < LEAVES_OFF_BEFORE_A_STEP ? withoutStep(context.path) : context.path,
    openEnded ? replies : replies - 1,
    conversation.told,
    preferences(writer),
  )
  beats.forEach((beat, at) => {
    writer.reply(beat)
    if (openEnded && at === beats.length - 1) return
    writer.client(beat.asks, beat.stage, laterBits(beats.slice(at + 1)))
  })
  if (!openEnded || beats.length === 0) writer.reply({ stage: 'close', asks: undefined, closes: true })
}

/** How often a session too short to end does not press on to a step: it leaves off where it has got to. */
const LEAVES_OFF_BEFORE_A_STEP = 0.5

function withoutStep(path: Path): Path {
  return { ...path, beats: path.beats.filter(({ stage }) => stage !== 'step') }
}

/**
 * Seeds shorter than any session of the path leave off with a question. So do the dialogues that take their lengths from
 * them: an agenda of twelve turns pressed into six would be consent and goodbye.
 */
export function isOpenEnded(path: Path, messages: number): boolean {
  return messages < Math.min(...path.lengths.keys())
}

function talkOfRisk(writer: SessionWriter, plan: SessionPlan): void {
  const { conversation, context } = writer
  const asks = plan.messages / 2 - 1
  const before = Math.max(1, Math.min(plan.risk === 'low' ? 4 : 2, asks - 4))
  const drawn = drawBeats(conversation.rng, context.path, before + 3, conversation.told, preferences(writer)).filter(
    ({ stage }) => !['step', 'summary', 'new_view', 'discover'].includes(stage),
  )
  // Nobody says it in one breath with "yes, gladly, ask away"; and what lies deeper is not asked without a yes.
  const early = drawn.filter(({ asks: what, stage }) => what !== 'consent' && stage !== 'reflect')
  const beats = (drawn[before - 1]?.asks === 'consent' && early.length > 0 ? early : drawn).slice(0, before)
  // Everything that could be asked was told at once: another first turn will leave something open.
  if (beats.length === 0) throw new NothingFits()
  const disclosure = drawDisclosure(writer, plan)
  beats.forEach((beat, at) => {
    writer.reply(beat)
    writer.client(
      beat.asks,
      beat.stage,
      laterBits(beats.slice(at + 1)),
      at === beats.length - 1 ? disclosure : undefined,
    )
  })
  const passage = safetyPassage(conversation.rng, disclosure)
  if (plan.risk !== 'low') return sayPassage(writer, passage)
  const last = passage.at(-1)
  sayPassage(writer, passage.slice(0, -1))
  // The session may go on gently once the client is held: one small step, then the close.
  leadBack(writer, last, { stage: 'step', asks: 'step' })
  writer.client('step', 'step', 0)
  writer.say('close', 'close', ['closing'], [closingAtRisk(writer)], { responds: true, keep: 4 })
}
