import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { aNewBatch } from '../builders/a-batch.ts'
import { launchChromium } from './chromium.ts'
import { openPage, press, seen } from './open-page.ts'
import { dialoguesToReview } from './review-dialogues.ts'
import { CLINICIAN, LEAD, openReviewHome, SECOND, type ReviewHome } from './review-home.ts'

let browser: Browser
let home: ReviewHome
let page: Page

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())
beforeEach(async () => {
  home = await openReviewHome()
  await home.openBatch({ batch_id: 'b', title: 'February' }, dialoguesToReview(5), [
    { code: 'a', severity: 'error', turn: 1, message: 'A direct question is missing.' },
    { code: 'b', severity: 'warning', turn: 3, message: 'Look at the wording.', excerpt: 'one small word' },
    { code: 'c', severity: 'info', message: 'There is no summary.' },
  ])
})
afterEach(async () => {
  await page.context().close()
  await home.close()
})

async function violations(): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

const STATUSES = ['approved', 'rejected'] as const
async function dispute(): Promise<void> {
  await home.openBatch({ batch_id: 'd', title: 'Disputed', reviews_per_dialogue: 2 }, dialoguesToReview(2))
  for (const [index, reviewer] of [CLINICIAN.reviewer, SECOND.reviewer].entries()) {
    const target = { batch: 'd', dialogue: 'syn-0001', reviewer, roles: ['clinicians' as const] }
    const view = await home.service.item(target)
    if (view === undefined) throw new Error('no dialogue')
    const { version, content_sha256 } = view
    const form = {
      criteria: { safety: 'pass' as const },
      reasons: [],
      labels: {},
      feedback: '',
      notes: [],
      turn_comments: [],
    }
    const status = STATUSES[index] ?? 'approved'
    await home.service.save({
      ...target,
      version,
      content_sha256,
      base_revision: 0,
      form: { ...form, status, active_ms: 1 },
    })
  }
}

/** The reviewer rejects in another window what is on screen here. */
async function judgeElsewhere(): Promise<void> {
  const judged = home.calls
    .findLast((call) => call.endsWith('/review'))
    ?.split('/')
    .at(-2)
  if (judged === undefined) throw new Error('nothing was judged')
  const target = { batch: 'b', dialogue: judged, reviewer: CLINICIAN.reviewer, roles: ['clinicians' as const] }
  const view = await home.service.item(target)
  if (view === undefined) throw new Error('no dialogue')
  const { version, content_sha256 } = view
  const form = { criteria: {}, reasons: [], labels: {}, feedback: '', notes: [], turn_comments: [], active_ms: 1 }
  await home.service.save({
    ...target,
    version,
    content_sha256,
    base_revision: 0,
    form: { ...form, status: 'rejected' },
  })
}

// Each scheme and each layout once: contrast does not depend on the width.
const looks = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 360 },
] as const

describe.each(looks)('In $colorScheme at $width px axe finds nothing on', ({ colorScheme, width }) => {
  const context = { colorScheme, viewport: { width, height: 800 } }

  it('the sign-in page', async () => {
    page = await (await browser.newContext(context)).newPage()
    await page.goto(home.origin)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await violations()).toEqual([])
  })

  it('the batches, one failed and one closed', async () => {
    await home.service.openBatch(aNewBatch({ batch_id: 'bad', title: 'bad.json' }))
    await home.service.failBatch('bad', 'bad.json, line 14: this is not JSON.')
    await home.openBatch({ batch_id: 'done', title: 'done' }, dialoguesToReview(1))
    await home.service.close({ batch: 'done', by: 'lena', reviews_key: 'r', leave_unreviewed: true })
    await home.service.finishClosing('done')
    page = await openPage(browser, home, { context })
    await page.getByText('line 14').waitFor()
    expect(await violations()).toEqual([])
    await page.getByRole('link', { name: 'done' }).click()
    await page.getByRole('row', { name: /check-in/ }).waitFor()
    expect(await violations()).toEqual([])
  })

  it('the review screen with everything open, and the dialog of keys', async () => {
    page = await openPage(browser, home, { context, person: LEAD, path: '/batches/b?dialogue=syn-0001' })
    await seen(page)
    expect(await violations()).toEqual([])
    await press(page, 'v', 'ArrowDown', 'ArrowDown', '1', 'j', 'j', 'Enter', 'Escape', 'c')
    await page.getByLabel('Comment on turn 2').waitFor()
    await page.keyboard.type('a comment')
    await page.getByRole('button', { name: 'Keep comment' }).click()
    await page.locator('[data-row=concern] select').selectOption({ label: 'another…' })
    for (const fold of ['Guidelines', 'Progress', '1 note']) await page.getByText(fold, { exact: true }).click()
    await page.getByRole('heading', { name: 'Verdicts' }).waitFor()
    await page.getByRole('row', { name: /check-in/ }).waitFor()
    expect(await violations()).toEqual([])
    await page.getByRole('button', { name: 'Keys' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await violations()).toEqual([])
  })

  it('what did not save, a conflict, and the end of a session', async () => {
    page = await openPage(browser, home, { context, path: '/batches/b?dialogue=syn-0001' })
    await seen(page)
    home.faults.add({ on: /review$/, status: 400 })
    await press(page, 'a', 'Control+Enter')
    await page.locator('.tray summary').click()
    await page.getByText('The server answered 400.').waitFor()
    expect(await violations()).toEqual([])
    await seen(page)
    await page.locator('#dialogue-heading').focus()
    home.faults.add({ on: /review$/, before: judgeElsewhere })
    await press(page, 'a', 'Control+Enter')
    await page.getByRole('button', { name: 'Save mine over it' }).waitFor()
    expect(await violations()).toEqual([])
    await page.getByRole('button', { name: 'Keep what is saved' }).click()
    home.signIn.revokeAll()
    await seen(page)
    await page.locator('#dialogue-heading').focus()
    await press(page, 'a', 'Control+Enter')
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor()
    expect(await violations()).toEqual([])
  })

  it('the disputes, a settlement, a dialogue to read, and the dialog that closes', async () => {
    await dispute()
    page = await openPage(browser, home, { context, person: LEAD, path: '/batches/d/dialogues?status=disputed' })
    await page.getByRole('link', { name: 'Settle 1' }).waitFor()
    expect(await violations()).toEqual([])
    await page.getByRole('link', { name: 'Settle 1' }).click()
    await page.getByRole('region', { name: 'Reviews side by side' }).waitFor()
    expect(await violations()).toEqual([])
    await page.goto(`${home.origin}/batches/d/dialogues/syn-0001`)
    await page.getByRole('heading', { name: 'Reviews' }).waitFor()
    expect(await violations()).toEqual([])
    await page.goto(`${home.origin}/batches/d`)
    await page.getByRole('button', { name: 'Close batch…' }).first().click()
    await page.getByText('1 dispute').first().waitFor()
    expect(await violations()).toEqual([])
  })

  it('a queue with nothing left', async () => {
    await home.openBatch({ batch_id: 'empty', title: 'Empty' }, [])
    page = await openPage(browser, home, { context, path: '/batches/empty' })
    await page.locator('.empty h2').waitFor()
    expect(await violations()).toEqual([])
  })
})

describe('The review screen', () => {
  beforeEach(async () => {
    page = await openPage(browser, home, { path: '/batches/b?dialogue=syn-0001' })
    await seen(page)
  })

  it('has its landmarks, one h1, and the turns as an ordered list of named articles', async () => {
    expect(await page.locator('h1').allInnerTexts()).toEqual(['February'])
    for (const role of ['banner', 'main', 'contentinfo', 'navigation'] as const)
      expect(await page.getByRole(role).count(), role).toBe(1)
    expect(await page.locator('ol.turns > li > article').count()).toBe(8)
    await page.getByRole('article', { name: 'Turn 7 of 8, user' }).waitFor()
    await page.getByRole('article', { name: 'Turn 8 of 8, assistant' }).waitFor()
  })

  it('has one turn in the tab order at a time', async () => {
    const stops = () => page.locator('article[tabindex="0"]').evaluateAll((all) => all.map((each) => each.ariaLabel))
    expect(await stops()).toEqual(['Turn 1 of 8, user'])
    await press(page, 'j', 'j', 'j')
    expect(await stops()).toEqual(['Turn 3 of 8, user'])
  })

  it('names its keys to assistive technology, and only those that work', async () => {
    expect(await page.locator('[data-action=submit]').getAttribute('aria-keyshortcuts')).toBe(
      'Control+Enter Meta+Enter',
    )
    expect(await page.locator('[data-action=undo]').getAttribute('aria-keyshortcuts')).toBe('u')
    await press(page, '?')
    await page.getByLabel('Single-key shortcuts').uncheck()
    await press(page, 'Escape')
    expect(await page.locator('[data-action=undo]').getAttribute('aria-keyshortcuts')).toBeNull()
    expect(await page.locator('[data-action=previous]').getAttribute('aria-keyshortcuts')).toBe('ArrowLeft')
  })

  it('says risk in words, not by colour alone', async () => {
    expect(await page.locator('.facts .risk').innerText()).toMatch(/risk none/)
    for (const text of await page.locator('.turn-labels .risk').allInnerTexts())
      expect(text).toMatch(/none|low|medium|high/)
  })

  it('has targets of 44 px and a focus ring of 3 px', async () => {
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, a[href], summary, select, textarea, label:has(input)')]
        .filter((each) => each.checkVisibility({ opacityProperty: true }) && !each.closest('.skip-link'))
        .map((each) => ({ height: each.getBoundingClientRect().height, html: each.outerHTML.slice(0, 80) }))
        .filter(({ height }) => height < 44),
    )
    expect(small).toEqual([])
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineWidth)).toBe(
      '3px',
    )
  })

  it('stays whole in forced colours and stands still when motion is not wanted', async () => {
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' })
    expect(
      await page
        .locator('.bubble')
        .first()
        .evaluate((each) => getComputedStyle(each).borderTopStyle),
    ).toBe('solid')
    await press(page, 'a')
    const duration = await page
      .locator('[data-action=approve]')
      .evaluate((each) => getComputedStyle(each).animationDuration)
    expect(Number.parseFloat(duration)).toBeLessThanOrEqual(0.001)
  })

  it.each([320, 360, 768, 1280, 1920])('needs no sideways scrolling at %i px', async (width) => {
    await page.setViewportSize({ width, height: 700 })
    const overflow = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('.pane, .banner, .desk-footer')]
        .filter((each) => each.scrollWidth > each.clientWidth)
        .map((each) => `${each.className || each.tagName} ${each.scrollWidth} > ${each.clientWidth}`),
    )
    expect(overflow).toEqual([])
  })

  it('has two halves under 900 px, each scrolling by itself', async () => {
    await page.setViewportSize({ width: 768, height: 700 })
    const panes = await page.locator('.pane').evaluateAll((all) =>
      all.map((pane) => {
        const { top, bottom, height } = pane.getBoundingClientRect()
        return { top, bottom, height, scrolls: pane.scrollHeight > pane.clientHeight }
      }),
    )
    const [dialogue, form] = panes
    if (dialogue === undefined || form === undefined) throw new Error('no panes')
    expect(form.top).toBeGreaterThanOrEqual(dialogue.bottom)
    expect(Math.abs(form.height - dialogue.height)).toBeLessThan(2)
    expect([dialogue.scrolls, form.scrolls]).toEqual([true, true])
  })

  it('gives the form its floor of 400 px', async () => {
    await page.setViewportSize({ width: 920, height: 700 })
    expect((await page.locator('.pane.form').boundingBox())?.width).toBeGreaterThanOrEqual(400)
  })
})
