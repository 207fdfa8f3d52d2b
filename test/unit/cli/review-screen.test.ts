import stringWidth from 'string-width'
import pc from 'picocolors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentSha256 } from '../../../core/dialogue/content-hash.ts'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import type { Finding } from '../../../core/quality/finding.ts'
import type { Review } from '../../../core/review/review.ts'
import { render, screenContext } from '../../../cli/review/screen-render.ts'
import { openScreen, reduce } from '../../../cli/review/screen-state.ts'
import type { ScreenState } from '../../../cli/review/screen-state.ts'
import { openSession } from '../../../cli/review/session.ts'
import { aDialogue, anAssistantMessage, aUserMessage, someDialogues } from '../../builders/a-dialogue.ts'

const T0 = Date.parse('2026-03-01T09:00:00Z')

interface Desk {
  state: ScreenState
  saved: Review[]
  left: string | undefined
  /** Presses keys one after the other, each `pause` ms after the last. */
  press(...keys: string[]): void
  type(text: string): void
  lines(): string[]
  screen(): string
}

function aDesk(
  options: {
    dialogues?: Dialogue[]
    findings?: Finding[]
    columns?: number
    rows?: number
    reviewer?: string
    pause?: number
    colour?: boolean
  } = {},
): Desk {
  const dialogues = options.dialogues ?? someDialogues(3)
  const world = {
    title: 'synthetic.json',
    guidelines: '# Guidelines\n\n- **Approve**: all five pass.\n\n| level | words |\n|---|---|\n| low | a wish |\n',
    colour: pc.createColors(options.colour ?? false),
    dialogueAt: (position: number) => ({ dialogue: dialogues[position]!, findings: options.findings ?? [] }),
  }
  const context = screenContext(world)
  const session = openSession({
    items: dialogues.map((dialogue) => ({
      dialogue_id: dialogue.dialogue_id,
      content_sha256: contentSha256(dialogue),
    })),
    reviewer: options.reviewer ?? 'clara',
    guidelines_version: '2026-11',
    reviews: [],
    now: T0,
  })
  let at = T0
  const desk: Desk = {
    state: openScreen(session, options.columns ?? 80, options.rows ?? 24),
    saved: [],
    left: undefined,
    press(...names) {
      for (const name of names) {
        at += options.pause ?? 1000
        const text = [...name].length === 1 ? name : name === 'space' ? ' ' : undefined
        const step = reduce(desk.state, { type: 'key', key: { name, text }, at }, context)
        desk.state = step.state
        if (step.save !== undefined) desk.saved.push(step.save)
        desk.left ??= step.leave
      }
    },
    type(text) {
      for (const character of text) desk.press(character === ' ' ? 'space' : character)
    },
    lines: () => render(desk.state, world).lines,
    screen: () => desk.lines().join('\n'),
  }
  return desk
}

const aLongDialogue = (turns = 20) =>
  aDialogue({
    messages: Array.from({ length: turns }, (_, turn) =>
      turn % 2 === 0
        ? aUserMessage({ text: `Client words of turn ${turn + 1}.` })
        : anAssistantMessage({ text: `Assistant words of turn ${turn + 1}.` }),
    ),
  })

describe('the review screen', () => {
  it('shows role names, labels of the turns, and the place in the file', () => {
    const desk = aDesk()

    const screen = desk.screen()

    expect(screen).toContain('1 of 3')
    expect(screen).toContain('Client · turn 1 of 2')
    expect(screen).toContain('Assistant · turn 2 of 2')
    expect(screen).toContain('validate · negative · risk none')
    expect(screen).toContain('check-in · anxiety')
  })

  it('shows a finding under the turn that it is about, and leaves out mere information', () => {
    const desk = aDesk({
      findings: [
        { code: 'safety.missed', severity: 'error', turn: 1, message: 'The risk is not met.' },
        { code: 'style.long', severity: 'info', turn: 1, message: 'Rather long.' },
      ],
    })

    const lines = desk.lines()

    const words = lines.findIndex((line) => line.includes('A whole week of tension'))
    const finding = lines.findIndex((line) => line.includes('error: The risk is not met. (safety.missed)'))
    expect(finding).toBeGreaterThan(words)
    expect(desk.screen()).not.toContain('Rather long')
  })

  it('asks for the name once, and keeps it in every review', () => {
    const desk = aDesk({ reviewer: '' })
    expect(desk.screen()).toContain('Who reviews?')

    desk.press('enter')
    expect(desk.screen()).toContain('Type a name first.')
    desk.type('Dr Léa')
    desk.press('enter', 'a')

    expect(desk.saved).toMatchObject([{ reviewer: 'Dr Léa', status: 'approved', dialogue_id: 'dialogue_001' }])
  })

  it('wants a reason before it rejects, and takes several by their digits', () => {
    const desk = aDesk()

    desk.press('x', 'enter')
    expect(desk.saved).toEqual([])
    expect(desk.screen()).toContain('choose at least one reason')
    desk.press('5', '8', '8', '1', 's', 'enter')

    expect(desk.saved).toMatchObject([
      { status: 'rejected', reasons: ['harmful', 'unrealistic'], criteria: { safety: 'fail' } },
    ])
    expect(desk.screen()).toContain('2 of 3')
  })

  it('gives no verdict when the reasons are left with Escape', () => {
    const desk = aDesk()

    desk.press('v', '6', 'escape')

    expect(desk.saved).toEqual([])
    expect(desk.screen()).toContain('No verdict given.')
    expect(desk.screen()).toContain('1 of 3')
  })

  it('never takes Enter or Backspace for a verdict', () => {
    const desk = aDesk()

    desk.press('enter', 'backspace', 'tab', 'space', 'escape', 'delete')

    expect(desk.saved).toEqual([])
    expect(desk.left).toBeUndefined()
  })

  it('judges one dialogue when a key is held, however long', () => {
    const desk = aDesk({ dialogues: someDialogues(50), pause: 30 })

    desk.press(...Array.from({ length: 100 }, () => 'a'))

    expect(desk.saved).toHaveLength(1)
    expect(desk.screen()).toContain('A held key counts once')
  })

  it('presses nothing when text is pasted', () => {
    const desk = aDesk()

    desk.press('paste-start', 'a', 'x', '1', 'enter', 'q', 'paste-end')

    expect(desk.saved).toEqual([])
    expect(desk.left).toBeUndefined()
  })

  it('takes pasted text into a note as one line', () => {
    const desk = aDesk()

    desk.press('n', 'paste-start', 'o', 'k', 'enter', 'y', 'paste-end', 'enter')

    expect(desk.saved).toMatchObject([{ status: null, notes: [{ note: 'ok y' }] }])
  })

  it('saves a note at once and stays on the dialogue', () => {
    const desk = aDesk()

    desk.press('n')
    desk.type('Ask a bout')
    desk.press('ctrl+w', 'backspace', 'backspace')
    desk.type('again')
    desk.press('enter')

    expect(desk.saved).toMatchObject([{ dialogue_id: 'dialogue_001', notes: [{ note: 'Ask again' }] }])
    expect(desk.screen()).toContain('1 of 3')
  })

  it('undoes by key, back to the dialogue it was', () => {
    const desk = aDesk()

    desk.press('a', 's', 'u')

    expect(desk.saved.map(({ dialogue_id, status }) => [dialogue_id, status])).toEqual([
      ['dialogue_001', 'approved'],
      ['dialogue_001', null],
    ])
    expect(desk.screen()).toContain('1 of 3')
    expect(desk.screen()).toContain('Taken back: the verdict on dialogue_001 (approved), which is open again.')
  })

  it('corrects a label, and the dialogue follows the highest risk of its turns', () => {
    const desk = aDesk()

    desk.press('l', ...Array.from({ length: 6 }, () => 'down'), '3', 'enter', 'a')

    expect(desk.saved.at(-1)).toMatchObject({
      status: 'approved',
      labels: {
        max_risk_level: { original: 'none', final: 'medium', adjustment: 'adjusted' },
        turns: { '1': { risk_level: { original: 'none', final: 'medium', adjustment: 'adjusted' } } },
      },
    })
  })

  it('ends with a summary when the last verdict is given, and can still take it back', () => {
    const desk = aDesk()

    desk.press('a', 'v', '6', 'enter', 'x', '8', 'enter')
    expect(desk.screen()).toContain('Every dialogue has a verdict')
    expect(desk.screen()).toMatch(/approved +1/)
    desk.press('u')
    expect(desk.screen()).toContain('3 of 3')
    desk.press('a', 'q')

    expect(desk.left).toBe('done')
    expect(desk.saved.map(({ status }) => status)).toEqual(['approved', 'needs_revision', 'rejected', null, 'approved'])
  })

  it('leaves on Ctrl-C from every place', () => {
    for (const keys of [[], ['n'], ['x'], ['l'], ['g'], ['?']]) {
      const desk = aDesk()
      desk.press(...keys, 'ctrl+c')
      expect(desk.left).toBe('interrupted')
    }
  })

  it('scrolls a long dialogue to its end and no further', () => {
    const desk = aDesk({ dialogues: [aLongDialogue()] })
    expect(desk.screen()).not.toContain('turn 20.')

    desk.press(...Array.from({ length: 20 }, () => 'space'))
    expect(desk.screen()).toContain('Assistant words of turn 20.')
    expect(desk.screen()).toContain('end of the dialogue')
    desk.press('home', 'j')

    expect(desk.lines()[3]).toContain('turn 2 of 20')
  })

  it('shows escape sequences and direction marks in a text as �, and passes none on', () => {
    const text = 'red \u001b[31mand\u0007 title \u001b]0;x\u0007 turned \u202eback'
    const desk = aDesk({ dialogues: [aDialogue({ messages: [aUserMessage({ text }), anAssistantMessage()] })] })

    const screen = desk.screen()

    // eslint-disable-next-line no-control-regex
    expect(screen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    expect(screen).toContain('red \ufffd[31mand\ufffd title')
  })

  it('has no colour of its own when colours are off', () => {
    const plain = aDesk({ colour: false }).screen()
    const coloured = aDesk({ colour: true }).screen()

    expect(plain).not.toContain('\u001b')
    expect(coloured).toContain('\u001b[36m')
    // eslint-disable-next-line no-control-regex
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain)
  })

  it('tells the guidelines, with their tables as lists', () => {
    const desk = aDesk()

    desk.press('g')

    expect(desk.screen()).toContain('version 2026-11')
    expect(desk.screen()).toContain('• Approve: all five pass.')
    expect(desk.screen()).toContain('words: a wish')
    expect(desk.screen()).not.toContain('|')
  })

  it('says so when the terminal is too small, and draws again when it has grown', () => {
    const desk = aDesk({ columns: 30, rows: 8 })
    expect(desk.screen()).toContain('Make the terminal')

    const grown = reduce(
      desk.state,
      { type: 'resize', columns: 80, rows: 24 },
      screenContext({
        title: '',
        guidelines: '',
        colour: pc.createColors(false),
        dialogueAt: () => ({ dialogue: aDialogue(), findings: [] }),
      }),
    )

    expect(grown.state).toMatchObject({ columns: 80, rows: 24 })
  })

  it('fills exactly the terminal, whatever its size, the text and the keys', () => {
    const key = fc.constantFrom(
      'a',
      'v',
      'x',
      's',
      'n',
      'l',
      'g',
      '?',
      'u',
      'p',
      'left',
      'right',
      'space',
      'j',
      'k',
      'enter',
      'escape',
      '1',
      '6',
      'down',
      'end',
    )
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 200 }),
        fc.integer({ min: 3, max: 60 }),
        fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), { minLength: 2, maxLength: 6 }),
        fc.array(key, { maxLength: 25 }),
        fc.boolean(),
        (columns, rows, texts, keys, colour) => {
          const messages = texts.map((text, index) =>
            index % 2 === 0 ? aUserMessage({ text }) : anAssistantMessage({ text, risk_level: 'high' }),
          )
          const desk = aDesk({ dialogues: [aDialogue({ messages }), ...someDialogues(2)], columns, rows, colour })
          for (const name of ['', ...keys]) {
            if (name !== '') desk.press(name)
            const lines = desk.lines()
            expect(lines).toHaveLength(rows)
            for (const line of lines) expect(stringWidth(line)).toBe(columns)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
