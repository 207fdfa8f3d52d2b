import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApplyReport } from '../../core/apply/apply-report.ts'
import type { Dialogue } from '../../core/dialogue/schema.ts'
import type { MergeReport } from '../../core/merge/merge-report.ts'
import { aFolder, dialogues, EXAMPLE_SEEDS } from './dialogues-process.ts'

let cwd: string
beforeAll(async () => {
  cwd = await aFolder()
})
afterAll(async () => {
  await rm(cwd, { recursive: true })
})

const run = async <T>(words: string[], input = '') => {
  const ended = await dialogues([...words, '--json'], { cwd, input })
  return { ...ended, outcome: JSON.parse(ended.stdout) as T }
}
const readDataset = async (name: string) =>
  (JSON.parse(await readFile(join(cwd, name), 'utf8')) as { dialogues: Dialogue[] }).dialogues

/** Each step works on what the one before it wrote. */
describe('the four steps on the command line', () => {
  it('generates 200 dialogues: distinct ids and texts, quotas exact, all valid', async () => {
    const { code, outcome } = await run<{ dialogues: number; against_target: { count: number; target: number }[] }>([
      'generate',
      '-n',
      '200',
      '-s',
      EXAMPLE_SEEDS,
      '--random-seed',
      '11',
      '-o',
      'synthetic.json',
    ])

    expect(code).toBe(0)
    expect(outcome.dialogues).toBe(200)
    for (const { count, target } of outcome.against_target)
      expect(Math.abs(count - target * 200)).toBeLessThanOrEqual(1)
    const written = await readDataset('synthetic.json')
    expect(new Set(written.map(({ dialogue_id }) => dialogue_id)).size).toBe(200)
    expect(new Set(written.map(({ messages }) => JSON.stringify(messages.map(({ text }) => text)))).size).toBe(200)
    expect((await dialogues(['validate', 'synthetic.json', '--seed', EXAMPLE_SEEDS], { cwd })).code).toBe(0)
  })

  it('reviews them: 140 approved, 30 to be revised, 20 rejected, 10 left open', async () => {
    const answers = ['1\n'.repeat(140), '2 tone\n'.repeat(30), '3 harmful: no\n'.repeat(20), 'quit\n'].join('')

    const { code, outcome } = await run(
      ['review', '-i', 'synthetic.json', '-o', 'reviews.json', '--reviewer', 'clara'],
      answers,
    )

    expect(code).toBe(0)
    expect(outcome).toMatchObject({
      total: 200,
      judged: 190,
      approved: 140,
      needs_revision: 30,
      rejected: 20,
      open: 10,
    })
  })

  it('keeps exactly the 140 that were approved', async () => {
    const { code, outcome } = await run<ApplyReport>([
      'apply',
      '-d',
      'synthetic.json',
      '-r',
      'reviews.json',
      '-o',
      'approved.json',
    ])

    expect(code).toBe(0)
    expect(outcome).toMatchObject({
      read: 200,
      written: 140,
      records: { approved: 140, needs_revision: 30, rejected: 20, unreviewed: 10, void: 0, duplicate: 0, failed: 0 },
    })
    expect(Object.values(outcome.records).reduce((sum, count) => sum + count)).toBe(200)
    const kept = await readDataset('approved.json')
    const made = await readDataset('synthetic.json')
    expect(kept.map(({ dialogue_id }) => dialogue_id)).toEqual(made.slice(0, 140).map(({ dialogue_id }) => dialogue_id))
    expect(kept.every(({ labels }) => labels['clinician_approved'] === true && labels['reviewer'] === 'clara')).toBe(
      true,
    )
  })

  it('keeps the 30 to be revised too when asked, marked so', async () => {
    await run(['apply', '-d', 'synthetic.json', '-r', 'reviews.json', '-o', 'kept.json', '--include-revision'])

    const kept = await readDataset('kept.json')
    expect(kept).toHaveLength(170)
    expect(kept.filter(({ labels }) => labels['review_status'] === 'needs_revision')).toHaveLength(30)
  })

  it('merges them with the 20 seeds into one file, whatever is given twice', async () => {
    const { code, outcome } = await run<MergeReport>([
      'merge',
      '-f',
      EXAMPLE_SEEDS,
      'approved.json',
      'approved.json',
      '-o',
      'training.json',
    ])

    expect(code).toBe(0)
    expect(outcome).toMatchObject({
      read: 300,
      written: 160,
      records: { written: 160, same_id_and_text: 140, same_text: 0, failed: 0 },
      by_source: { seed: 20, synthetic: 140 },
    })
    expect(await readDataset('training.json')).toHaveLength(160)
  })

  it('merges them into a training set of all its files', async () => {
    const merged = await run<MergeReport>(['merge', '-f', EXAMPLE_SEEDS, 'approved.json', '-o', 'training/'])
    expect(merged.code).toBe(0)
    expect((await readdir(join(cwd, 'training'))).sort()).toEqual([
      'chat.jsonl',
      'combined.json',
      'combined.jsonl',
      'dataset-card.md',
      'manifest.json',
      'sharegpt.jsonl',
      'test.jsonl',
      'train.jsonl',
      'validation.jsonl',
    ])
    expect(Object.values(merged.outcome.splits).reduce((sum, { dialogues: number }) => sum + number, 0)).toBe(160)
  })

  it('traces every line of it back to its verdict, and finds the one that was changed', async () => {
    const chain = ['verify', 'training', '-r', 'reviews.json', '-a', 'approved.json', '-s', EXAMPLE_SEEDS]
    const sound = await run(chain)
    const combined = join(cwd, 'training', 'combined.jsonl')
    const lines = (await readFile(combined, 'utf8')).split('\n')
    const at = lines.findIndex((line) => line.includes('"clinician_approved":true'))
    await writeFile(combined, lines.with(at, (lines[at] ?? '').replace('"text":"', '"text":"Hm. ')).join('\n'))
    const tampered = await run(chain)

    expect(sound.code).toBe(0)
    expect(sound.outcome).toMatchObject({
      read: 160,
      verified: 140,
      seeds: { traced: 20 },
      sound: true,
      altered_files: [],
    })
    expect(tampered.code).toBe(1)
    expect(tampered.outcome).toMatchObject({
      read: 160,
      verified: 139,
      broken: { changed: 1 },
      breaks: [{ line: at + 1, reason: 'changed' }],
      altered_files: ['combined.jsonl'],
    })
  })
})
