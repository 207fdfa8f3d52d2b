import { safetyPassage } from '../safety/protocol.ts'
import { factBit } from './banks.ts'
import { isFactName } from './facts.ts'
import { drawBeats, type Beat } from './paths.ts'
import { drawDisclosure, leadBack, sayPassage } from './risk-passage.ts'
import { NothingFits, type SessionPlan, type SessionWriter } from './session-writer.ts'

/** Bits of what later beats will ask for: not to be given away before. */
function laterBits(beats: readonly Beat[]): number {
  let bits = 0
  for (const { asks } of beats) if (isFactName(asks)) bits |= factBit(asks)
  return bits
}

/** check-in and gentle_deep: beat after beat, then the close; a disclosure turns the session into a risk passage. */
export function talk(writer: SessionWriter, plan: SessionPlan): void {
  const { conversation, context } = writer
  const asks = plan.messages / 2 - 1
  if (plan.risk === 'none') {
    const beats = drawBeats(conversation.rng, context.path, asks, conversation.told)
    beats.forEach((beat, at) => {
      writer.reply(beat)
      writer.client(beat.asks, beat.stage, laterBits(beats.slice(at + 1)))
    })
    writer.reply({ stage: 'close', asks: undefined, closes: true })
    return
  }
  const before = Math.max(1, Math.min(plan.risk === 'low' ? 4 : 2, asks - 4))
  const beats = drawBeats(conversation.rng, context.path, before + 3, conversation.told)
    .filter(({ stage }) => !['step', 'summary', 'new_view', 'discover'].includes(stage))
    .slice(0, before)
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
  writer.reply({ stage: 'close', asks: undefined, closes: true })
}
