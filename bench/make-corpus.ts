import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { contentSha256 } from '../core/dialogue/content-hash.ts'
import type { Dialogue, Message } from '../core/dialogue/schema.ts'
import { INTENTS, KNOWN_CONCERNS, SENTIMENTS, SESSION_TYPES } from '../core/dialogue/vocabulary.ts'

/**
 * A corpus to measure on: dialogues of about 2.2 KB whose words mean nothing but whose shape, lengths, punctuation and
 * share of non-ASCII characters are those of real ones. The same megabytes give the same bytes. 2 % repeat the text of
 * an earlier dialogue under another id, 1 % the id of an earlier one with another text.
 */
export interface Corpus {
  /** One dialogue a line. */
  lines: string
  /** The same dialogues as one array, on one line. */
  array: string
  /** The same dialogues as the present tools write them: an object, indented by two. */
  indented: string
  /** One review for each id: 90 % approved, 6 % needs_revision, 4 % rejected; with the hash of what was judged. */
  reviews: string
  /** The same reviews as the present tools write them, without a hash. */
  plainReviews: string
  dialogues: number
}

const BODY =
  'the of and to a in that it with as for was on by at from or an be this which you not are but had his they her she we all one there been if more when so no out up into do any your what has man could some than'
const FEELING =
  'tired tense lonely worried guilty flat restless ashamed calmer stuck overwhelmed hopeful anxious relieved'
const THINGS =
  'deadline meeting mother sister project exam shift kitchen Sunday morning friend manager landlord inbox sleep promise'

const WORDS = [BODY, BODY, BODY, FEELING, THINGS].map((list) => list.split(' '))

/** Makes what is not there yet under `folder`. */
export function makeCorpus(folder: string, megabytes: number): Corpus {
  const corpus = {
    lines: path.join(folder, 'dialogues.jsonl'),
    array: path.join(folder, 'array.json'),
    indented: path.join(folder, 'indented.json'),
    reviews: path.join(folder, 'reviews.json'),
    plainReviews: path.join(folder, 'plain-reviews.json'),
  }
  const note = path.join(folder, 'corpus.json')
  if (existsSync(note)) return { ...corpus, ...(JSON.parse(readFileSync(note, 'utf8')) as { dialogues: number }) }
  mkdirSync(folder, { recursive: true })

  const random = sequence(20_261_122)
  const lines = output(corpus.lines)
  const array = output(corpus.array)
  const indented = output(corpus.indented)
  const reviews = output(corpus.reviews)
  const plainReviews = output(corpus.plainReviews)
  array.write('[')
  indented.write('{\n  "version": "1.0",\n  "description": "a corpus to measure on",\n  "dialogues": [')
  for (const file of [reviews, plainReviews])
    file.write(
      '{"version": "1.0", "source_file": "dialogues.jsonl", "reviewed_at": "2026-02-03T10:00:00Z", "reviews": [',
    )

  const earlier: Dialogue[] = []
  let count = 0
  while (lines.bytes() < megabytes * 1e6) {
    const dialogue = randomDialogue(random, count)
    const draw = random()
    const other = earlier[Math.floor(random() * earlier.length)]
    let repeatedId = false
    if (other !== undefined && draw < 0.02) dialogue.messages = other.messages
    else if (other !== undefined && draw < 0.03) {
      dialogue.dialogue_id = other.dialogue_id
      repeatedId = true
    }
    if (earlier.length < 2000) earlier.push(dialogue)
    else if (!repeatedId) earlier[Math.floor(random() * 2000)] = dialogue

    const json = JSON.stringify(dialogue)
    const comma = count === 0 ? '' : ','
    lines.write(`${json}\n`)
    array.write(`${comma}${json}`)
    indented.write(`${comma}\n    ${JSON.stringify(dialogue, null, 2).replaceAll('\n', '\n    ')}`)
    if (!repeatedId) {
      const review = {
        dialogue_id: dialogue.dialogue_id,
        status: draw > 0.1 ? 'approved' : draw > 0.04 ? 'needs_revision' : 'rejected',
        reviewed_at: `2026-02-03T10:${String(count % 60).padStart(2, '0')}:00Z`,
        feedback: '',
        notes: [],
      }
      plainReviews.write(`${comma}\n${JSON.stringify(review)}`)
      const ours = { ...review, reviewer: 'clara', content_sha256: contentSha256(dialogue), revision: 1, version: 1 }
      reviews.write(`${comma}\n${JSON.stringify(ours)}`)
    }
    count += 1
  }
  array.write(']')
  indented.write('\n  ]\n}\n')
  for (const file of [reviews, plainReviews]) file.write(`\n], "total_reviews": ${count}}\n`)
  for (const file of [lines, array, indented, reviews, plainReviews]) file.close()
  writeFileSync(note, JSON.stringify({ dialogues: count }))
  return { ...corpus, dialogues: count }
}

function randomDialogue(random: () => number, index: number): Dialogue {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const risk = random() < 0.85 ? 'none' : random() < 0.7 ? 'low' : 'medium'
  const turns = 2 + Math.floor(random() * 5)
  const messages: Message[] = []
  for (let turn = 0; turn < turns; turn++) {
    const minute = String(turn).padStart(2, '0')
    messages.push(
      { role: 'user', text: prose(random, 12 + Math.floor(random() * 22)), timestamp: `2026-01-05T09:${minute}:00Z` },
      {
        role: 'assistant',
        text: prose(random, 17 + Math.floor(random() * 24)),
        timestamp: `2026-01-05T09:${minute}:20Z`,
        intent: pick(INTENTS),
        sentiment: pick(SENTIMENTS),
        risk_level: risk,
      },
    )
  }
  return {
    dialogue_id: `syn_${createHash('sha256').update(String(index)).digest('hex').slice(0, 16)}`,
    session_type: pick(SESSION_TYPES),
    user_profile: { age_range: '25-30', concern: pick(KNOWN_CONCERNS), mood_score: 1 + Math.floor(random() * 10) },
    messages,
    labels: {
      primary_intent: pick(INTENTS),
      overall_sentiment: pick(SENTIMENTS),
      max_risk_level: risk,
      therapeutic_technique: 'validation',
      synthetic: true,
      generated_at: '2026-01-05T09:00:00Z',
    },
  }
}

function prose(random: () => number, words: number): string {
  const out: string[] = []
  for (let word = 0; word < words; word++) {
    const list = WORDS[Math.floor(random() * WORDS.length)] ?? []
    let text = list[Math.floor(random() * list.length)] ?? ''
    const draw = random()
    if (draw < 0.01) text = `${text}’s`
    else if (draw < 0.015) text = `${text} —`
    else if (draw < 0.018) text = `“${text}”`
    else if (draw < 0.021) text = `"${text}"`
    else if (draw < 0.1) text = `${text}.`
    else if (draw < 0.14) text = `${text},`
    out.push(text)
  }
  return `${(out[0] ?? '').slice(0, 1).toUpperCase()}${out.join(' ').slice(1)}${random() < 0.3 ? '?' : '.'}`
}

/** Mulberry32: enough for a corpus. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function output(file: string) {
  const descriptor = openSync(file, 'w')
  let pending: string[] = []
  let length = 0
  let bytes = 0
  const flush = (): void => {
    bytes += writeSync(descriptor, pending.join(''))
    pending = []
    length = 0
  }
  return {
    write(text: string) {
      pending.push(text)
      length += text.length
      if (length > 1024 * 1024) flush()
    },
    bytes: () => bytes,
    close() {
      flush()
      closeSync(descriptor)
    },
  }
}
