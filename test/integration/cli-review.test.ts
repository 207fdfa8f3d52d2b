import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentSha256 } from '../../core/dialogue/content-hash.ts'
import { aDatasetText, aDialogue, someDialogues } from '../builders/a-dialogue.ts'
import { aPlainReview } from '../builders/a-review.ts'
import { aFolder, dialogues, startDialogues, startInTerminal } from './dialogues-process.ts'

let cwd: string
beforeEach(async () => {
  cwd = await aFolder()
  await writeFile(join(cwd, 'in.json'), aDatasetText(someDialogues(5)))
})
afterEach(async () => {
  await rm(cwd, { recursive: true })
})

const REVIEW = ['review', '-i', 'in.json', '-o', 'out.json']
const review = (input: string, ...more: string[]) => dialogues([...REVIEW, ...more], { cwd, input })

interface ReviewsFile {
  reviewer: string
  total_reviews: number
  reviews: Record<string, unknown>[]
}
const reviewsFile = async () => JSON.parse(await readFile(join(cwd, 'out.json'), 'utf8')) as ReviewsFile
const verdicts = async () => (await reviewsFile()).reviews.map(({ dialogue_id, status }) => [dialogue_id, status])

describe('the review by a script', () => {
  it('takes numbers, reasons and notes from a pipe and writes the reviews file', async () => {
    const { code, stdout } = await review(
      '1\n2 tone, minor_issues\n3 harmful: agrees with dying\n4\n5 ask about turn 2\n1\nquit\n',
      '--reviewer',
      'clara',
    )

    expect(code).toBe(0)
    expect(stdout).toMatch(/approved +2\n/)
    const file = await reviewsFile()
    expect(file).toMatchObject({ version: '1.0', source_file: 'in.json', reviewer: 'clara', total_reviews: 4 })
    expect(file.reviews).toMatchObject([
      {
        dialogue_id: 'dialogue_001',
        status: 'approved',
        content_sha256: contentSha256(someDialogues(5)[0]!),
        guidelines_version: '2026-11',
        revision: 1,
      },
      { dialogue_id: 'dialogue_002', status: 'needs_revision', reasons: ['tone', 'minor_issues'] },
      { dialogue_id: 'dialogue_003', status: 'rejected', reasons: ['harmful'], feedback: 'agrees with dying' },
      { dialogue_id: 'dialogue_005', status: 'approved', notes: [{ note: 'ask about turn 2' }], revision: 2 },
    ])
    expect((await readdir(cwd)).sort()).toEqual(['in.json', 'out.json'])
  })

  it('says what undo takes back, a note or a verdict, and of which dialogue', async () => {
    const { stdout } = await review('1\n5 warm\nprev\nundo\nundo\nundo\n')

    expect(stdout).toContain('Taken back: the note on dialogue_002.')
    expect(stdout).toContain('Taken back: the verdict on dialogue_001 (approved), which is open again.')
    expect(stdout).toContain('There is nothing to take back.')
  })

  it('ends with the last verdict, whatever is left in the pipe', async () => {
    const { code, stdout } = await review('1\n'.repeat(100), '--json')

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ total: 5, judged: 5, approved: 5, open: 0 })
  })

  it('goes on where it was, by the same reviewer', async () => {
    await review('1\n1\n', '--reviewer', 'clara')
    await review('3\nprev\nprev\n2\n')

    expect(await verdicts()).toEqual([
      ['dialogue_001', 'approved'],
      ['dialogue_002', 'needs_revision'],
      ['dialogue_003', 'rejected'],
    ])
    expect((await reviewsFile()).reviewer).toBe('clara')
  })

  it('keeps what others said, and what it does not know, as it is', async () => {
    const other = aPlainReview({
      dialogue_id: 'dialogue_001',
      reviewer: 'ben',
      status: 'rejected',
      mood_of_reviewer: 'tired',
    })
    const elsewhere = aPlainReview({ dialogue_id: 'elsewhere' })
    await writeFile(join(cwd, 'out.json'), JSON.stringify({ site: 'Leeds', reviews: [other, elsewhere] }))

    await review('1\n', '--reviewer', 'clara')

    const file = await reviewsFile()
    expect(file).toMatchObject({ site: 'Leeds', reviewer: 'clara' })
    expect(file.reviews.slice(0, 2)).toEqual([other, elsewhere])
    expect(file.reviews[2]).toMatchObject({ dialogue_id: 'dialogue_001', reviewer: 'clara', status: 'approved' })
  })

  it('goes on with a file of the present tools, whose reviews name nobody', async () => {
    await writeFile(
      join(cwd, 'out.json'),
      JSON.stringify({ reviews: [aPlainReview(), aPlainReview({ dialogue_id: 'dialogue_002' })] }),
    )

    const { stdout } = await review('3\n', '--json')

    expect(JSON.parse(stdout)).toMatchObject({ judged: 3, approved: 2, rejected: 1 })
  })

  it('counts lines that mean nothing and exits 1, the verdicts kept', async () => {
    const { code, stderr } = await review('1\nyess\n2 tonne\n1\n')

    expect(code).toBe(1)
    expect(stderr).toContain('2 lines meant nothing')
    expect(await verdicts()).toHaveLength(2)
  })

  it('asks again for a dialogue whose text changed since its verdict', async () => {
    await review('1\n'.repeat(5))
    const changed = someDialogues(5)
    changed[2]!.messages[0]!.text = 'Other words.'
    await writeFile(join(cwd, 'in.json'), aDatasetText(changed))

    const { stdout } = await review('3\n', '--json')

    expect(JSON.parse(stdout)).toMatchObject({ judged: 5, approved: 4, rejected: 1 })
    expect((await verdicts())[2]).toEqual(['dialogue_003', 'rejected'])
  })

  it('reviews the good dialogues of a partly bad file, and exits 1', async () => {
    await writeFile(join(cwd, 'in.json'), aDatasetText([...someDialogues(2), { dialogue_id: 'bad' }]))

    const { code, stderr } = await review('1\n1\n')

    expect(code).toBe(1)
    expect(stderr).toContain('(dialogue bad)')
    expect(await verdicts()).toHaveLength(2)
  })

  it.each([
    ['a dataset', aDatasetText(someDialogues(1)), 1, 'there are no `reviews` in it'],
    [
      'about other dialogues',
      JSON.stringify({ reviews: [aPlainReview({ dialogue_id: 'z' })] }),
      2,
      'none is of a dialogue in in.json',
    ],
    [
      'damaged',
      JSON.stringify({ reviews: [aPlainReview({ status: 'maybe' })] }),
      1,
      'would be written anew without it',
    ],
  ])('refuses to write over a file that is %s', async (_, content, exitCode, text) => {
    await writeFile(join(cwd, 'out.json'), content)

    const { code, stderr } = await review('1\n')

    expect(code).toBe(exitCode)
    expect(stderr).toContain(text)
    expect(await readFile(join(cwd, 'out.json'), 'utf8')).toBe(content)
    expect((await readdir(cwd)).sort()).toEqual(['in.json', 'out.json'])
  })

  it('leaves no file when nothing was said', async () => {
    const { code } = await review('next\nquit\n')

    expect(code).toBe(0)
    expect(await readdir(cwd)).toEqual(['in.json'])
  })

  it('lets nobody else review into the same file meanwhile', async () => {
    const first = startDialogues(REVIEW, { cwd })
    await first.shown('1 of 5')

    const second = await review('1\n')

    expect(second.code).toBe(2)
    expect(second.stderr).toContain(`somebody is reviewing into out.json already (process ${first.pid}`)
    first.type('1\nquit\n')
    expect((await first.ended).code).toBe(0)
    expect(await verdicts()).toHaveLength(1)
  })

  it('loses no verdict to kill -9, and goes on after the last one', async () => {
    const killed = startDialogues([...REVIEW, '--reviewer', 'clara'], { cwd })
    killed.type('1\n2 tone\n')
    await killed.shown('Needs revision: dialogue_002')
    killed.kill('SIGKILL')
    expect((await killed.ended).signal).toBe('SIGKILL')

    const { stdout, stderr } = await review('3\n')

    expect(stderr).toContain('Found 2 reviews of an interrupted session; all are kept.')
    expect(stdout).toContain('3 of 5: dialogue_003')
    expect(await verdicts()).toEqual([
      ['dialogue_001', 'approved'],
      ['dialogue_002', 'needs_revision'],
      ['dialogue_003', 'rejected'],
    ])
    expect((await reviewsFile()).reviewer).toBe('clara')
    expect((await readdir(cwd)).sort()).toEqual(['in.json', 'out.json'])
  })

  it('says on Ctrl-C how to go on, and has kept every verdict', async () => {
    const running = startDialogues(REVIEW, { cwd })
    running.type('1\n')
    await running.shown('Approved: dialogue_001')
    running.kill('SIGINT')
    const ended = await running.ended

    expect(ended.code).toBe(130)
    expect(ended.stderr).toContain('Go on with:\n  dialogues review --input in.json --output out.json')
    const { stdout } = await review('', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ judged: 1 })
  })
})

// By util-linux's `script`; elsewhere the pure functions of the screen stand for it.
describe.skipIf(process.platform !== 'linux')('the review screen in a terminal', () => {
  const ENTER_SCREEN = '\u001b[?1049h'
  const LEAVE_SCREEN = '\u001b[?1049l'

  it('asks for the name, takes keys, saves, and gives the terminal back', async () => {
    const screen = startInTerminal(REVIEW, { cwd })
    await screen.shown('Who reviews?')
    screen.type('clara\r')
    await screen.shown('1 of 5')
    screen.type('a')
    await screen.shown('Approved: dialogue_001')
    screen.type('x')
    await screen.shown('Reject: why?')
    screen.type('8')
    screen.type('\r')
    await screen.shown('Rejected: dialogue_002')
    screen.type('q')
    const { code, stdout } = await screen.ended

    expect(code).toBe(0)
    expect(await verdicts()).toEqual([
      ['dialogue_001', 'approved'],
      ['dialogue_002', 'rejected'],
    ])
    const left = stdout.indexOf(LEAVE_SCREEN)
    expect(stdout.indexOf(ENTER_SCREEN)).toBeLessThan(left)
    expect(stdout.slice(left)).toContain('3 dialogues left. Go on with:')
  })

  it('gives the terminal back on Ctrl-C and keeps what was said', async () => {
    const screen = startInTerminal([...REVIEW, '--reviewer', 'clara'], { cwd })
    await screen.shown('1 of 5')
    screen.type('a')
    await screen.shown('Approved: dialogue_001')
    screen.type('\u0003')
    const { code, stdout } = await screen.ended

    expect(code).toBe(130)
    expect(stdout.slice(stdout.lastIndexOf(LEAVE_SCREEN))).toContain('Go on with:')
    expect(await verdicts()).toEqual([['dialogue_001', 'approved']])
  })

  it('has no colours when NO_COLOR is set', async () => {
    const screen = startInTerminal([...REVIEW, '--reviewer', 'clara'], { cwd, env: { NO_COLOR: '1' } })
    await screen.shown('1 of 5')
    screen.type('q')
    const { stdout } = await screen.ended

    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/\u001b\[\d+m/)
    expect(stdout).toContain('Assistant')
  })

  it('passes no escape sequence of a dialogue on to the terminal', async () => {
    const nasty = aDialogue()
    nasty.messages[0]!.text = 'look \u001b]0;owned\u0007 here'
    await writeFile(join(cwd, 'in.json'), aDatasetText([nasty]))
    const screen = startInTerminal([...REVIEW, '--reviewer', 'clara'], { cwd })
    await screen.shown('look')
    screen.type('q')

    expect((await screen.ended).stdout).not.toContain('\u001b]0;')
  })
})
