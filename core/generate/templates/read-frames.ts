import type { FileReading } from './bank-reading.ts'
import { FramesFileSchema, type AssistantSection, type ClientSection, type FrameSource } from './bank-schema.ts'
import { factBit, type AssistantFrame, type ClientFrame, type Conditions, type Template } from './banks.ts'

/** `frames/*.yaml`: sections of one speaker. */
export function readFrames(
  value: unknown,
  reading: FileReading,
): { assistant: AssistantFrame[]; client: ClientFrame[] } {
  const parsed = FramesFileSchema.safeParse(value)
  if (!parsed.success) {
    reading.schemaFaults(parsed.error, value)
    return { assistant: [], client: [] }
  }
  return parsed.data.speaker === 'assistant'
    ? { assistant: parsed.data.sections.flatMap((section) => assistantFrames(section, reading)), client: [] }
    : { assistant: [], client: parsed.data.sections.flatMap((section) => clientFrames(section, reading)) }
}

function assistantFrames(section: AssistantSection, reading: FileReading): AssistantFrame[] {
  const { technique, asks } = section
  const hears = section.hears === undefined ? undefined : new Set(section.hears)
  const only = section.hears?.length === 1 ? section.hears : []
  const prefix = [technique, ...only, ...(asks === undefined ? [] : [asks])].join('.')
  return section.frames.map((frame) => ({
    ...withTold(reading.template(prefix, frame.text), section, frame),
    ...conditions(section, frame),
    technique,
    hears,
    asks,
  }))
}

function clientFrames(section: ClientSection, reading: FileReading): ClientFrame[] {
  const prefix = ['client', section.gives, ...(section.voices === undefined ? [] : [section.voices.join('-')])].join(
    '.',
  )
  return section.frames.map((frame) => ({
    ...withTold(reading.template(prefix, frame.text), section, frame),
    ...conditions(section, frame),
    gives: section.gives,
  }))
}

function withTold(template: Template, section: Partial<FrameSource>, frame: FrameSource): Template {
  const told = frame.told ?? section.told ?? []
  return { ...template, presumes: told.reduce((bits, fact) => bits | factBit(fact), 0) }
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
