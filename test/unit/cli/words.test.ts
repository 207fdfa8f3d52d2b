import { describe, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { SESSION_TYPES } from '../../../core/dialogue/vocabulary.ts'
import { describeFailure, UsageError } from '../../../cli/failure.ts'
import { hasColour } from '../../../cli/console.ts'
import { nearestName } from '../../../core/nearest-name.ts'
import { listOf, sessionType, wholeNumber } from '../../../cli/options.ts'
import { duration, progressLine } from '../../../cli/progress.ts'
import { parseOrder } from '../../../cli/review/plain-prompt.ts'

describe('the nearest name', () => {
  it.each([
    ['gentle-deep', 'gentle_deep'],
    ['checkin', 'check-in'],
    ['Micro_Practise', 'micro_practice'],
    ['micro', 'micro_practice'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearestName(typed, SESSION_TYPES)).toBe(meant)
  })

  it('is none when nothing is near', () => {
    expect(nearestName('therapy', SESSION_TYPES)).toBeUndefined()
  })

  it('counts two swapped letters as one slip', () => {
    expect(nearestName('greif', ['grief', 'great'])).toBe('grief')
  })
})

describe('option values', () => {
  it.each(['0', '-5', '1e9', 'abc', '', '1.5', '1_000', '9999999999999999999', '0x10', ' '])(
    'refuses %j as a count',
    (text) => {
      expect(() => wholeNumber(1, 1_000_000)(text)).toThrow('Expected a whole number from 1 to 1000000.')
    },
  )

  it('takes a list with commas, as several words, and each name once', () => {
    const parse = listOf((word) => word)

    expect(parse('b,c', parse('a, b', undefined))).toEqual(['a', 'b', 'c'])
    expect(() => parse(',', undefined)).toThrow('at least one')
  })

  it('suggests the nearest session type and lists them all', () => {
    expect(() => sessionType('gentle')).toThrow(
      'Did you mean gentle_deep? Known: check-in, gentle_deep, micro_practice.',
    )
  })
})

describe('failures', () => {
  it('exit with 2 for wrong usage and 1 for wrong data', () => {
    expect(describeFailure(new UsageError('no', 'do'), false)).toEqual({ exitCode: 2, message: 'no\n  do' })
    expect(describeFailure(new InputError('bad', { where: 'a.json:3' }), false)).toEqual({
      exitCode: 1,
      message: 'a.json:3: bad',
    })
  })

  it('say what a system error means, with the path, and no code', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
      path: '/data/out.json',
    })

    expect(describeFailure(full, false)).toEqual({
      exitCode: 2,
      message: '/data/out.json: the disk is full; make room or take another disk',
    })
  })

  it('show no stack trace of a defect unless asked', () => {
    const message = describeFailure(new TypeError('x is undefined'), false).message

    expect(message).toContain('x is undefined')
    expect(message).not.toContain('.ts:')
    expect(describeFailure(new TypeError('x'), true).message).toContain('words.test.ts')
  })
})

describe('progress', () => {
  it('tells count, share, rate and time left', () => {
    const line = progressLine({ doing: 'Generating', unit: 'dialogues', total: 10_000 }, 2500, 2)

    expect(line).toBe('Generating 2,500 of 10,000 dialogues (25 %), 1,250/s, 6 s left')
  })

  it('tells bytes as megabytes, and no end when it is not known', () => {
    expect(progressLine({ doing: 'Reading', unit: 'bytes' }, 25e6, 1)).toBe('Reading 25 MB, 25 MB/s')
  })

  it.each([
    [400, '0 s'],
    [89_000, '89 s'],
    [720_000, '12 min'],
    [12_000_000, '3 h 20 min'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})

describe('colours', () => {
  it('are off when NO_COLOR is set, in a pipe and on a dumb terminal, and on when forced', () => {
    expect(hasColour({ isTTY: true }, {})).toBe(true)
    expect(hasColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
    expect(hasColour({ isTTY: true }, { NO_COLOR: '' })).toBe(true)
    expect(hasColour({ isTTY: false }, { CI: 'true' })).toBe(false)
    expect(hasColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
    expect(hasColour({ isTTY: false }, { FORCE_COLOR: '1' })).toBe(true)
  })
})

describe('an answer at the plain prompt', () => {
  it.each([
    ['1', { name: 'verdict', verdict: 'approved', reasons: [], feedback: undefined }],
    ['2', { name: 'verdict', verdict: 'needs_revision', reasons: [], feedback: undefined }],
    [
      '3 harmful, tone: agrees with: dying',
      { name: 'verdict', verdict: 'rejected', reasons: ['harmful', 'tone'], feedback: 'agrees with: dying' },
    ],
    ['2 6 8', { name: 'verdict', verdict: 'needs_revision', reasons: ['minor_issues', 'tone'], feedback: undefined }],
    [' 4 ', { name: 'skip' }],
    ['5 the second reply is good', { name: 'note', text: 'the second reply is good' }],
    ['5', { name: 'note', text: '' }],
    ['PREV', { name: 'previous' }],
    ['next', { name: 'next' }],
    ['undo', { name: 'undo' }],
    ['save', { name: 'save' }],
    ['quit', { name: 'quit' }],
  ])('%j is understood', (line, order) => {
    expect(parseOrder(line)).toEqual(order)
  })

  it.each([
    ['2 harmfull', 'Did you mean harmful?'],
    ['quti', 'Did you mean quit?'],
    ['6', 'Type 1 to 5'],
    ['', 'Type a number from 1 to 5'],
    ['1 tone', 'An approval takes no reasons'],
    ['\u001b[2J', '�[2J'],
  ])('%j is not, and says why', (line, why) => {
    const order = parseOrder(line)

    expect(order).toMatchObject({ name: 'unknown' })
    expect('why' in order ? order.why : '').toContain(why)
  })
})
