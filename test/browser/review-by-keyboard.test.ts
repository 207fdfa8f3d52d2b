import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchChromium } from './chromium.ts'
import { focused, heading, judge, openPage, pageErrors, press, savedReview, seen, until } from './open-page.ts'
import { dialoguesToReview } from './review-dialogues.ts'
import { CLINICIAN, openReviewHome, type ReviewHome } from './review-home.ts'

let browser: Browser
let home: ReviewHome
let page: Page

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())
beforeEach(async () => {
  home = await openReviewHome()
  await home.openBatch({ batch_id: 'b', title: 'February' }, dialoguesToReview(6))
  page = await openPage(browser, home, { path: '/batches/b?dialogue=syn-0001' })
  await seen(page)
})
afterEach(async () => {
  await page.context().close()
  await home.close()
  expect(pageErrors()).toEqual([])
})

const verdict = () => page.locator('[data-row=verdict] input:checked').count()
const review = (dialogue = 'syn-0001') => savedReview(home, 'b', dialogue)

describe('A reviewer at the keyboard', () => {
  it('gives verdict, criteria, a label, a comment and a note without touching the mouse', async () => {
    expect(await focused(page)).toBe('dialogue-heading')
    await press(page, 'v')
    await press(page, 'ArrowDown')
    expect(await focused(page)).toBe('verdict')
    await press(page, 'ArrowDown')
    expect(await focused(page)).toBe('reasons')
    await press(page, '6', '8') // minor issues, tone
    await press(page, 'ArrowDown', 'Enter')
    await page.keyboard.type('Turn 6 is too long; asx.')
    await press(page, 'Escape', 'ArrowDown', '1', 'ArrowDown', '2', 'ArrowDown', '2', '2') // realistic: pass; appropriate: fail; techniques: fail and taken back
    for (let row = 0; row < 5; row++) await press(page, 'ArrowDown')
    expect(await focused(page)).toBe('max_risk_level')
    await press(page, '2') // 1 is "none is right", 2 the first other level
    await press(page, 'j', 'j', 'j')
    expect(await focused(page)).toBe('2')
    await press(page, 'k', 'c')
    await page.getByLabel('Comment on turn 2').waitFor()
    await page.keyboard.type('Good pace here')
    await press(page, 'Control+Enter') // first commits what is being written, then submits

    const saved = await until('the review is saved', () => review())
    expect(saved).toMatchObject({
      status: 'needs_revision',
      reasons: ['minor_issues', 'tone'],
      criteria: { realistic: 'pass', appropriate: 'fail' },
      feedback: 'Turn 6 is too long; asx.',
      labels: { max_risk_level: { original: 'none', final: 'low', adjustment: 'adjusted' } },
      turn_comments: [{ turn: 1, comment: 'Good pace here' }],
      revision: 1,
    })
    expect(saved?.criteria).not.toHaveProperty('techniques')
    expect(saved?.active_ms).toBeGreaterThan(0)
  })

  it('has the next dialogue on screen and its heading in focus in the frame of the submit', async () => {
    const first = await heading(page)
    const next = await page.evaluate(async () => {
      const radio = document.querySelector<HTMLInputElement>('[data-action=approve] input')
      radio?.click()
      await new Promise(requestAnimationFrame)
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }))
      await new Promise(requestAnimationFrame)
      return {
        heading: document.querySelector('#dialogue-heading')?.textContent,
        focus: document.activeElement?.id,
        said: document.querySelector('[role=status]')?.textContent,
      }
    })
    expect(next.heading).not.toBe(first)
    expect(next).toMatchObject({ focus: 'dialogue-heading', said: 'Saved. 1 of 6.' })
  })

  it('reviews a whole batch, is told what the button will do at the last one, and that nothing is left', async () => {
    for (let done = 0; done < 5; done++) {
      await expect.poll(() => page.locator('[data-action=submit]').innerText()).toContain('Submit + next')
      await judge(page, 'a')
    }
    await expect.poll(() => page.locator('[data-action=submit]').innerText()).toContain('Submit + finish batch')
    await judge(page, 'a')
    await page.getByRole('heading', { name: 'Every dialogue is reviewed' }).waitFor()
    expect(await page.locator('.desk-footer .figures').innerText()).toBe('6 / 6')
    const batch = await until('all are saved', async () => {
      const detail = await home.service.detail('b', CLINICIAN.reviewer)
      return detail?.batch.counters['status.approved'] === 6 ? detail.batch : undefined
    })
    expect(batch?.status).toBe('open')
  })

  it('is led to what is missing instead of submitting', async () => {
    await press(page, 'Control+Enter')
    expect(await focused(page)).toBe('verdict')
    await page.getByText('Choose a verdict first.').first().waitFor()
    await press(page, 'x', 'Control+Enter')
    expect(await focused(page)).toBe('reasons')
    expect(await page.locator('[role=status]').innerText()).toContain('at least one reason')
    await press(page, '5', 'Control+Enter')
    expect((await until('it is saved', () => review()))?.reasons).toEqual(['harmful'])
  })

  it('walks back and on without a verdict, and Alt+Arrow stays the browser’s', async () => {
    const first = await heading(page)
    await press(page, 'ArrowRight')
    await seen(page)
    const second = await heading(page)
    expect(second).not.toBe(first)
    await press(page, 'ArrowLeft')
    await expect.poll(() => heading(page)).toBe(first)
    await seen(page)
    await press(page, 'Alt+ArrowRight')
    expect(await heading(page)).toBe(first)
    expect(await review()).toBeNull()
  })

  it('skips: the dialogue comes back after all the others', async () => {
    const first = await heading(page)
    await press(page, 's')
    const seenHeadings: string[] = []
    for (let left = 0; left < 5; left++) {
      await seen(page)
      seenHeadings.push(await heading(page))
      await judge(page, 'a')
    }
    expect(seenHeadings).not.toContain(first)
    await expect.poll(() => heading(page)).toBe(first)
  })
})

describe('No key acts', () => {
  it('while somebody types, but for Ctrl+Enter', async () => {
    await press(page, 'n')
    await page.keyboard.type('a vxsu jk 123 ?')
    expect(await page.locator('#field-notes').inputValue()).toBe('a vxsu jk 123 ?')
    expect(await verdict()).toBe(0)
    expect(await heading(page)).toContain('Dialogue 1')
    await press(page, 'Escape', 'a')
    await press(page, 'n', 'Control+Enter')
    expect((await until('it is saved', () => review()))?.notes[0]?.note).toBe('a vxsu jk 123 ?')
  })

  it('when it is held down: the dialogue that comes next was not seen', async () => {
    await page.keyboard.down('a')
    await page.keyboard.down('a') // the browser marks this one as a repetition
    expect(await verdict()).toBe(1)
    await press(page, 'Control+Enter')
    const second = await heading(page)
    for (let repetition = 0; repetition < 5; repetition++) await page.keyboard.down('a')
    await page.keyboard.up('a')
    await seen(page)
    expect(await heading(page)).toBe(second)
    expect(await verdict()).toBe(0)
  })

  it('in the moment in which a new dialogue appears', async () => {
    await press(page, 'a')
    const judged = await page.evaluate(async () => {
      const key = (init: KeyboardEventInit) => document.dispatchEvent(new KeyboardEvent('keydown', init))
      key({ key: 'Enter', ctrlKey: true })
      await new Promise(requestAnimationFrame)
      key({ key: 'a' })
      key({ key: 'Enter', ctrlKey: true })
      await new Promise(requestAnimationFrame)
      return document.querySelectorAll('[data-row=verdict] input:checked').length
    })
    expect(judged).toBe(0)
    await until('the first is saved', () => review())
    expect(home.calls.filter((call) => /PUT .*\/review$/.test(call))).toHaveLength(1)
  })

  it('with AltGr, Alt, or while a character is being composed', async () => {
    await page.evaluate(() => {
      for (const more of [
        { modifierAltGraph: true },
        { altKey: true },
        { isComposing: true },
        { ctrlKey: true },
        { metaKey: true },
      ])
        document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true, ...more }))
    })
    await press(page, 'Control+Alt+a')
    expect(await verdict()).toBe(0)
  })

  it('on a focused button, radio or link, or behind a dialog', async () => {
    await page.locator('[data-action=undo]').focus()
    await press(page, 'a')
    await page.locator('[data-row=realistic] input').first().focus()
    await press(page, 'a')
    await page.getByRole('link', { name: 'Batches' }).focus()
    await press(page, 'a')
    await page.getByRole('button', { name: 'Keys' }).click()
    await page.getByRole('dialog').waitFor()
    await press(page, 'a')
    expect(await verdict()).toBe(0)
  })

  it('that is bare Enter or Backspace', async () => {
    await press(page, 'a', 'Enter', 'Backspace', 'Enter')
    await press(page, 'ArrowDown', 'Backspace')
    expect(await heading(page)).toContain('Dialogue 1')
    expect(await review()).toBeNull()
  })

  it('once single keys are switched off; the choice outlives a reload, and so does a changed key', async () => {
    await press(page, '?')
    await page.getByRole('button', { name: 'Change the key: Approve' }).click()
    await press(page, 'Enter')
    await page.getByText('Enter is never a shortcut here.').waitFor()
    await press(page, 'u')
    await page.getByText('u is taken: undo the last verdict.').waitFor()
    await press(page, 'q', 'Escape')
    await page.reload()
    await seen(page)
    await press(page, 'a')
    expect(await verdict()).toBe(0)
    await press(page, 'q')
    expect(await verdict()).toBe(1)

    await press(page, '?')
    await page.getByLabel('Single-key shortcuts').uncheck()
    await press(page, 'Escape')
    await page.reload()
    await seen(page)
    await press(page, 'x', 's', '?')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await heading(page)).toContain('Dialogue 1')
    await press(page, 'Control+Enter') // still works: it is no single key
    await until('it is saved', () => review())
  })
})

describe('A mouse user', () => {
  it('goes on with keys after clicking a radio', async () => {
    await page.getByLabel('Needs revision').click()
    await press(page, 'ArrowDown', '1')
    await press(page, 'Control+Enter')
    expect((await until('it is saved', () => review()))?.reasons).toEqual(['unrealistic'])
  })

  it('comments on the words that are selected', async () => {
    await page.evaluate(() => {
      const text = document.querySelector('[data-turn="1"] [data-text]')?.firstChild
      if (text) getSelection()?.setBaseAndExtent(text, 6, text, 23)
    })
    await page.locator('[data-turn="1"]').focus()
    await press(page, 'c')
    await page.getByLabel('Comment on turn 2').waitFor()
    await page.keyboard.type('whose sentence?')
    await page.getByRole('button', { name: 'Keep comment' }).click()
    expect(await page.locator('mark').innerText()).toBe('over one sentence')
    await page.getByLabel('Approve').click()
    await page.getByRole('button', { name: 'Submit + next' }).click()
    expect((await until('it is saved', () => review()))?.turn_comments).toEqual([
      { turn: 1, comment: 'whose sentence?', span: { start: 6, end: 23 } },
    ])
  })
})
