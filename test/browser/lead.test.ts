import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ReviewForm } from '../../core/review/review.ts'
import type { Verdict } from '../../core/dialogue/vocabulary.ts'
import { launchChromium } from './chromium.ts'
import { openPage, pageErrors, until } from './open-page.ts'
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
  await home.openBatch({ batch_id: 'b', title: 'February', reviews_per_dialogue: 2 }, dialoguesToReview(3))
})
afterEach(async () => {
  await page.context().close()
  await home.close()
  expect(pageErrors()).toEqual([])
})

const BLANK: ReviewForm = {
  ...{
    status: null,
    criteria: {},
    reasons: [],
    labels: {},
    feedback: '',
    notes: [],
    turn_comments: [],
    active_ms: 1000,
  },
}

async function give(
  dialogue: string,
  reviewer: string,
  status: Verdict,
  more: Partial<ReviewForm> = {},
): Promise<void> {
  const view = await home.service.item({ batch: 'b', dialogue, reviewer, roles: ['clinicians'] })
  if (view === undefined) throw new Error('no such dialogue')
  const { version, content_sha256 } = view
  const request = { batch: 'b', dialogue, reviewer, roles: ['clinicians' as const], version, content_sha256 }
  const result = await home.service.save({ ...request, base_revision: 0, form: { ...BLANK, status, ...more } })
  expect(result.outcome).toBe('saved')
}

async function dispute(dialogue: string): Promise<void> {
  await give(dialogue, CLINICIAN.reviewer, 'approved', { criteria: { safety: 'pass', realistic: 'pass' } })
  await give(dialogue, SECOND.reviewer, 'rejected', {
    reasons: ['safety_not_addressed'],
    criteria: { safety: 'fail', realistic: 'pass' },
    notes: [{ note: 'No question about safety.', timestamp: '2026-02-03T10:00:00Z' }],
  })
}

const counters = async () => (await home.service.batch('b'))?.counters ?? {}

describe('A lead', () => {
  it('finds the disputes, sees both reviews side by side, settles, and closes the batch', async () => {
    await dispute('syn-0001')
    await give('syn-0002', CLINICIAN.reviewer, 'approved')
    await give('syn-0002', SECOND.reviewer, 'approved')
    page = await openPage(browser, home, { person: LEAD })
    await page.getByRole('link', { name: 'Settle 1 dispute' }).click()
    await page.getByRole('link', { name: 'Settle 1' }).click()

    const table = page.getByRole('region', { name: 'Reviews side by side' })
    await table.waitFor()
    expect(await table.locator('thead th').allInnerTexts()).toEqual([CLINICIAN.reviewer, SECOND.reviewer])
    const differing = (await table.locator('.differs').allInnerTexts()).join('\n')
    expect(differing).toMatch(/Verdict ≠\s+Approved\s+Rejected/)
    expect(differing).toMatch(/Safety ≠\s+pass\s+fail/)
    expect(differing).not.toMatch(/Realistic/)
    // What both said alike is filled in; what they differ in is the lead's to say.
    expect(await page.locator('[data-row=realistic] input').first().isChecked()).toBe(true)
    expect(await page.locator('[data-row=safety] input:checked').count()).toBe(0)

    await page.getByRole('button', { name: 'Settle' }).click()
    await page.getByText('Choose a verdict first.').waitFor()
    await page.getByLabel('Reject').check()
    await page.getByLabel('Safety not addressed').check()
    await page.keyboard.press('Control+Enter')
    await page.getByText('No dialogue is in this state.').waitFor()
    expect(await counters()).toMatchObject({ 'status.rejected': 1, 'status.approved': 1 })

    await page.getByRole('link', { name: 'Back to the review' }).click()
    await page.getByRole('button', { name: 'Close batch…' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 approved dialogue').waitFor()
    await dialog.getByText('1 dialogue without a verdict').waitFor()
    const close = dialog.getByRole('button', { name: 'Close batch' })
    expect(await close.isDisabled()).toBe(true)
    await dialog.getByLabel('Close it although one is undecided').check()
    await close.click()
    await page.getByText(`by ${LEAD.reviewer}`).waitFor()
    await page.getByText('workspace/datasets/reviews/b.json').waitFor()
    expect((await home.service.batch('b'))?.status).toBe('closed')
  })

  it('is told when the settlement comes too late, and can look at how it stands', async () => {
    await dispute('syn-0001')
    page = await openPage(browser, home, { person: LEAD, path: '/batches/b/settle/syn-0001' })
    await page.getByLabel('Approve').check()
    const view = await home.service.item({ batch: 'b', dialogue: 'syn-0001', reviewer: 'other', roles: ['leads'] })
    if (view === undefined) throw new Error('no such dialogue')
    await home.service.settle({
      ...{ batch: 'b', dialogue: 'syn-0001', reviewer: 'other', roles: ['leads'], base_revision: 0 },
      ...{ version: view.version, content_sha256: view.content_sha256 },
      form: { ...BLANK, status: 'needs_revision', reasons: ['tone'] },
    })
    await page.getByRole('button', { name: 'Settle' }).click()
    await page.getByRole('button', { name: 'Show how it stands now' }).click()
    await expect.poll(() => page.getByLabel('Needs revision').isChecked()).toBe(true)
  })

  it('who keeps the batch open has closed nothing', async () => {
    page = await openPage(browser, home, { person: LEAD, path: '/batches/b' })
    await page.getByRole('button', { name: 'Close batch…' }).first().click()
    await page.getByText('3 dialogues without a verdict').waitFor()
    await page.getByRole('button', { name: 'Keep it open' }).click()
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect((await home.service.batch('b'))?.status).toBe('open')
  })
})

describe('The history of a dialogue', () => {
  it('shows a lead who did what, oldest first', async () => {
    await dispute('syn-0001')
    page = await openPage(browser, home, { person: LEAD, path: '/batches/b/dialogues/syn-0001' })
    await page.getByRole('heading', { name: 'History' }).waitFor()
    const acts = await page.locator('.history li').allInnerTexts()
    expect(acts.map((act) => act.split(' · ').slice(1).join(' '))).toEqual([
      'amara Review: approved',
      'bela Review: rejected',
    ])
  })
})

describe('A clinician', () => {
  it('has no way to close or to settle, and sees nobody else’s verdict before giving one', async () => {
    await give('syn-0001', SECOND.reviewer, 'rejected', { reasons: ['harmful'] })
    page = await openPage(browser, home, { path: '/batches/b?dialogue=syn-0001' })
    await page.locator('#dialogue-heading').waitFor()
    expect(await page.getByRole('button', { name: 'Close batch…' }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Disputes' }).count()).toBe(0)
    expect(await page.locator('.pane.dialogue').innerText()).not.toMatch(/reject|harmful/i)
    await page.goto(`${home.origin}/batches/b/dialogues`)
    expect(await until('the list is there', () => page.locator('tbody tr').first().innerText())).toContain(
      'Not reviewed',
    )
  })
})
