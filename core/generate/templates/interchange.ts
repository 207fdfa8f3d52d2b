import * as z from 'zod'
import { compile } from './banks.ts'
import type { Part } from './template.ts'

/** `wordings/interchangeable.yaml`: words that can stand for one another in frames. */
const Words = z.string().min(1)
const GroupSchema = z.union([
  z.array(Words).min(2),
  z.strictObject({ of: Words, or: z.array(Words).min(1) }).transform(({ of, or }) => ({ of, options: [of, ...or] })),
])
const GroupsSchema = z.array(GroupSchema)
type Group = z.infer<typeof GroupSchema>
export const InterchangeFileSchema = z.strictObject({
  anywhere: GroupsSchema.default([]),
  assistant: GroupsSchema.default([]),
  client: GroupsSchema.default([]),
  practices: GroupsSchema.default([]),
})
export type InterchangeFile = z.infer<typeof InterchangeFileSchema>

/** Puts a choice wherever the text of a frame holds words that have others beside them. */
export type Interchange = (parts: readonly Part[]) => Part[]

/**
 * @param groups the first group that a member stands in counts; `^` marks a group that counts only where it begins a
 * sentence; of `{ of, or }` only `of` has others beside it (*you're* may be *you are*, but *how you are* stays)
 */
export function createInterchange(groups: readonly Group[]): Interchange {
  const found = new Map<string, { options: readonly string[]; begins: boolean }>()
  for (const group of groups) {
    const members = Array.isArray(group) ? group : group.options
    const options = members.map((member) => member.replace(/^\^/, ''))
    // A group with a marked member counts at the start of sentences only: the others are more common words.
    const begins = members.some((member) => member.startsWith('^'))
    for (const option of Array.isArray(group) ? options : options.slice(0, 1)) {
      const key = option.toLowerCase()
      if (!found.has(key)) found.set(key, { options, begins })
    }
  }
  if (found.size === 0) return (parts) => [...parts]
  const members = [...found.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(`(?<![\\p{L}\\d'])(?:${members.map(bounded).join('|')})(?![\\p{L}\\d]|'[a-z])`, 'giu')

  const inText = (text: string, startsSentence: boolean): Part[] => {
    const parts: Part[] = []
    let from = 0
    for (const match of text.matchAll(pattern)) {
      const { options, begins } = found.get(match[0].toLowerCase()) ?? { options: [], begins: false }
      const before = text.slice(0, match.index)
      const atStart = before === '' ? startsSentence : /[.!?…]["']? $/.test(before)
      if (begins && !atStart) continue
      if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) })
      // Behind a quotation only its capital tells that a sentence begins; others have theirs from the sentence.
      const begun = /^\p{Lu}(?!\b)/u.test(match[0]) ? options.map(capitalised) : options
      parts.push({ kind: 'choice', options: begun.map((option) => [{ kind: 'text', text: option }]) })
      from = match.index + match[0].length
    }
    if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) })
    return parts
  }

  const within = (parts: readonly Part[], startsSentence: boolean): Part[] => {
    let starts = startsSentence
    return parts.flatMap((part): Part[] => {
      const here = starts
      if (part.kind === 'text') {
        starts = /[.!?…]["']? $/.test(part.text)
        return inText(part.text, here)
      }
      starts = false
      if (part.kind !== 'choice') return [part]
      return [{ kind: 'choice', options: part.options.map((option) => within(option, here)) }]
    })
  }
  return (parts) => within(parts, true)
}

/** "Don't you …?" and "what doesn't it …" ask: *do not you* is no English. */
const ASKED = '(?! (?:I|you|he|she|it|we|they|this|that|these|those|there|anyone|anybody|people|your|the)\\b)'

function bounded(words: string): string {
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return /n't$/.test(words) ? escaped + ASKED : escaped
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What a template consists of, with its choices of words. */
export function compileInterchanged(
  parts: readonly Part[],
  interchange: Interchange,
): ReturnType<typeof compile> & { changed: boolean } {
  const varied = interchange(parts)
  return { ...compile(varied), changed: varied.length !== parts.length }
}
