import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ReviewForm } from '../../core/review/review.ts'
import { launchChromium } from './chromium.ts'
import { heading, judge, openPage, pageErrors, press, savedReview, seen, signIn, until } from './open-page.ts'
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

const SAVE = /^PUT .*\/review$/
const review = (dialogue = 'syn-0001') => savedReview(home, 'b', dialogue)
const saved = (dialogue = 'syn-0001') => until(`${dialogue} is saved`, () => review(dialogue))
const tray = () => page.locator('.tray summary')
const verdictOnScreen = () =>
  page.evaluate(
    () => document.querySelector('[data-row=verdict] input:checked')?.closest('label')?.dataset['action'] ?? null,
  )

/** What the page fetches once it stands has arrived. */
const theRestIsThere = () =>
  page.waitForFunction(() =>
    performance.getEntriesByType('resource').some((entry) => entry.name.includes('/unsaved-list-')),
  )

/** The same reviewer saves something in another window. */
async function saveElsewhere(form: Partial<ReviewForm>, dialogue = 'syn-0001'): Promise<void> {
  const reviewer = CLINICIAN.reviewer
  const view = await home.service.item({ batch: 'b', dialogue, reviewer, roles: ['clinicians'] })
  if (view === undefined) throw new Error('no such dialogue')
  const { version, content_sha256, review: mine } = view
  const blank = { criteria: {}, reasons: [], labels: {}, feedback: '', notes: [], turn_comments: [], active_ms: 0 }
  const result = await home.service.save({
    ...{ batch: 'b', dialogue, reviewer, roles: ['clinicians'], version, content_sha256 },
    base_revision: mine?.revision ?? 0,
    form: { status: 'rejected', ...blank, ...form },
  })
  expect(result.outcome).toBe('saved')
}

describe('Undo', () => {
  it('brings back what was filled in, without the verdict, and writes the earlier state as a new revision', async () => {
    await press(page, 'n')
    await page.keyboard.type('keep this note')
    await press(page, 'Escape')
    await judge(page, 'a')
    await saved()
    await press(page, 'u')
    await expect.poll(() => heading(page)).toContain('Dialogue 1')
    await until('it is undone', async () => (await review())?.status === null)
    expect((await review())?.revision).toBe(2)
    expect(await page.locator('#field-notes').inputValue()).toBe('keep this note')
    expect(await verdictOnScreen()).toBeNull()
    await expect.poll(() => page.locator('[role=status]').innerText()).toBe('Undone. 0 of 6.')

    await judge(page, 'x', 'ArrowDown', 'ArrowDown', '1')
    const again = await until('it is judged anew', async () => {
      const now = await review()
      return now?.status === 'rejected' ? now : undefined
    })
    expect(again).toMatchObject({ revision: 3, notes: [{ note: 'keep this note' }] })
  })

  it('takes back a verdict that was not sent yet without asking the server', async () => {
    home.faults.add({ on: SAVE, status: 500, times: 99 })
    await judge(page, 'a')
    await tray().waitFor()
    await press(page, 'u')
    await expect.poll(() => heading(page)).toContain('Dialogue 1')
    expect(await tray().count()).toBe(0)
    expect(home.calls.some((call) => call.endsWith('/undo'))).toBe(false)
    expect(await review()).toBeNull()
  })

  it('waits for a verdict that is under way', async () => {
    let arrive = (): void => undefined
    home.faults.add({ on: SAVE, until: new Promise<void>((resolve) => (arrive = resolve)) })
    await judge(page, 'a')
    await press(page, 'u')
    arrive()
    await until('it was saved and undone', async () => (await review())?.revision === 2)
    expect((await review())?.status).toBeNull()
    await expect.poll(() => heading(page)).toContain('Dialogue 1')
  })

  it('works after a reload too, newest first, as often as there are verdicts', async () => {
    await judge(page, 'a')
    await seen(page)
    const second = await heading(page)
    await judge(page, 'a')
    await until('both are saved', async () => (await home.service.detail('b', CLINICIAN.reviewer))?.mine.reviewed === 2)
    await page.reload()
    await seen(page)
    await press(page, 'u')
    await expect.poll(() => heading(page)).toBe(second)
    await seen(page)
    await press(page, 'u')
    await expect.poll(() => heading(page)).toContain('Dialogue 1')
    expect((await home.service.detail('b', CLINICIAN.reviewer))?.mine.reviewed).toBe(0)
    await seen(page)
    await press(page, 'u')
    await expect.poll(() => page.locator('[role=status]').innerText()).toContain('nothing to undo')
  })

  it('of a changed verdict gives the verdict before it', async () => {
    await judge(page, 'a')
    await saved()
    await press(page, 'ArrowLeft')
    await seen(page)
    expect(await page.locator('[data-action=submit]').innerText()).toContain('Update + next')
    await judge(page, 'x', 'ArrowDown', 'ArrowDown', '1')
    await until('it is changed', async () => (await review())?.status === 'rejected')
    await press(page, 'u')
    await until('it is undone', async () => (await review())?.status === 'approved')
    await expect.poll(verdictOnScreen).toBe('approve')
    expect((await review())?.revision).toBe(3)
  })

  it('undoes nothing when the review was changed elsewhere, and shows how it stands', async () => {
    await judge(page, 'a')
    await saved()
    await saveElsewhere({ status: 'rejected', reasons: ['tone'] })
    await press(page, 'u')
    await expect.poll(() => page.locator('[role=status]').innerText()).toContain('Nothing was undone')
    expect(await verdictOnScreen()).toBe('reject')
    expect((await review())?.revision).toBe(2)
  })

  it('brings a skipped dialogue back', async () => {
    await press(page, 's')
    await seen(page)
    await press(page, 'u')
    await expect.poll(() => heading(page)).toContain('Dialogue 1')
  })
})

describe('A draft', () => {
  it('is there again after a reload, before anything was submitted', async () => {
    await press(page, 'v', 'ArrowDown', 'ArrowDown', '6', 'n')
    await page.keyboard.type('half a thought')
    await page.reload() // at once: nothing has been sent by then but what leaves with the page
    await seen(page)
    expect(await heading(page)).toContain('Dialogue 1')
    expect(await verdictOnScreen()).toBe('needs-revision')
    expect(await page.locator('#field-notes').inputValue()).toBe('half a thought')
    expect(await review()).toBeNull()
  })

  it('follows the reviewer to another machine', async () => {
    await press(page, 'n')
    await page.keyboard.type('from the office')
    await until('the draft is on the server', async () => home.calls.some((call) => /PUT .*\/draft$/.test(call)))
    const other = await openPage(browser, home, { path: '/batches/b?dialogue=syn-0001' })
    await seen(other)
    expect(await other.locator('#field-notes').inputValue()).toBe('from the office')
    await other.context().close()
  })

  it('is kept in the browser when the server does not take it', async () => {
    home.faults.add({ on: /draft$/, status: 500, times: 99 })
    await press(page, 'n')
    await page.keyboard.type('offline thought')
    await until('it was tried', async () => home.calls.some((call) => /PUT .*\/draft$/.test(call)))
    await page.reload()
    await seen(page)
    expect(await page.locator('#field-notes').inputValue()).toBe('offline thought')
  })

  it('does not come back once its review was given', async () => {
    await press(page, 'n')
    await page.keyboard.type('done')
    await until('the draft is on the server', async () => home.calls.some((call) => /PUT .*\/draft$/.test(call)))
    await press(page, 'Escape')
    await judge(page, 'a')
    await saved()
    await saveElsewhere({ status: 'approved', notes: [] })
    await page.goto(`${home.origin}/batches/b?dialogue=syn-0001`)
    await seen(page)
    expect(await page.locator('#field-notes').inputValue()).toBe('')
  })
})

describe('A verdict that does not arrive', () => {
  it('stays in sight, is tried again by itself, and the reviewer goes on meanwhile', async () => {
    home.faults.add({ on: SAVE, status: 500, times: 2 })
    await judge(page, 'a')
    await expect.poll(() => tray().innerText()).toContain('not saved (1)')
    await seen(page)
    expect(await heading(page)).not.toContain('Dialogue 1:')
    await saved()
    await expect.poll(() => tray().count()).toBe(0)
  })

  it('outlives a reload of the page', async () => {
    home.faults.add({ on: SAVE, status: 503, times: 99 })
    await judge(page, 'a')
    await tray().waitFor()
    await page.reload()
    await expect.poll(() => tray().innerText()).toContain('not saved (1)')
    home.faults.clear()
    await tray().click()
    await page.getByRole('button', { name: 'Try again now' }).click()
    expect((await saved())?.status).toBe('approved')
  })

  it('is sent when the network comes back', async () => {
    await theRestIsThere()
    await page.context().setOffline(true)
    await judge(page, 'a')
    await judge(page, 'a')
    await expect.poll(() => tray().innerText()).toContain('not saved (2)')
    await tray().click()
    await page.getByText('You are offline.').waitFor()
    await page.context().setOffline(false)
    await saved()
    await expect.poll(() => tray().count()).toBe(0)
  })

  it('is not given twice when only the answer was lost', async () => {
    home.faults.add({ on: SAVE, loseAnswer: true })
    await judge(page, 'a')
    await until('it was sent again', async () => home.calls.filter((call) => SAVE.test(call)).length === 2)
    await expect.poll(() => tray().count()).toBe(0)
    expect((await review())?.revision).toBe(1)
  })

  it('is listed with its reason when the server refuses it for good, and can be looked at', async () => {
    home.faults.add({ on: SAVE, status: 400, times: 99 })
    await judge(page, 'a')
    await tray().click()
    await page.getByText('The server answered 400.').waitFor()
    await page.getByRole('button', { name: 'Look at it' }).click()
    await expect.poll(() => heading(page)).toContain('Dialogue 1')
    expect(home.calls.filter((call) => SAVE.test(call))).toHaveLength(1)
  })

  it('shows as late when the server is slow, and the next dialogue is there all the same', async () => {
    let arrive = (): void => undefined
    home.faults.add({ on: SAVE, until: new Promise<void>((resolve) => (arrive = resolve)) })
    await judge(page, 'a')
    expect(await heading(page)).not.toContain('Dialogue 1:')
    await tray().waitFor()
    arrive()
    await saved()
    await expect.poll(() => tray().count()).toBe(0)
  })
})

describe('A conflict', () => {
  it('opens theirs beside mine; mine is saved over it when I say so', async () => {
    home.faults.add({ on: SAVE, before: () => saveElsewhere({ status: 'rejected', reasons: ['harmful'] }) })
    await judge(page, 'a')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Saved on the server').waitFor()
    expect(await dialog.locator('.differs').first().innerText()).toMatch(/Verdict ≠\s+Rejected\s+Approved/)
    expect((await review())?.status).toBe('rejected')
    await dialog.getByRole('button', { name: 'Save mine over it' }).click()
    await until('mine is saved', async () => (await review())?.status === 'approved')
    expect((await review())?.revision).toBe(2)
    expect(await tray().count()).toBe(0)
  })

  it('keeps theirs when I say so', async () => {
    home.faults.add({ on: SAVE, before: () => saveElsewhere({ status: 'rejected', reasons: ['harmful'] }) })
    await judge(page, 'a')
    await page.getByRole('button', { name: 'Keep what is saved' }).click()
    await press(page, 'ArrowLeft')
    await expect.poll(verdictOnScreen).toBe('reject')
    expect((await review())?.revision).toBe(1)
  })

  it('makes me read a text that was revised under my hands before my verdict counts', async () => {
    home.faults.add({
      on: SAVE,
      before: async () => {
        const reviewer = 'lena'
        const view = await home.service.item({ batch: 'b', dialogue: 'syn-0001', reviewer, roles: ['leads'] })
        const revised = structuredClone(dialoguesToReview(1)[0])
        if (view === undefined || revised?.messages[0] === undefined) throw new Error('no dialogue')
        revised.messages[0].text = 'These words are new.'
        const result = await home.service.revise({
          ...{ batch: 'b', dialogue: 'syn-0001', reviewer, roles: ['leads'], base_version: view.version },
          ...{ revised, json: JSON.stringify(revised), findings: [], rules_version: 'r1' },
        })
        expect(result.outcome).toBe('revised')
      },
    })
    await judge(page, 'a')
    await page.getByRole('button', { name: 'Read the new text' }).click()
    await page.getByText('These words are new.').waitFor()
    expect(await verdictOnScreen()).toBeNull()
    await judge(page, 'a')
    expect(await until('the new text is judged', () => review())).toMatchObject({ status: 'approved', version: 2 })
  })
})

describe('A session that ends', () => {
  it('asks to sign in again and loses neither the draft nor the verdict on its way', async () => {
    home.signIn.revokeAll()
    await judge(page, 'a')
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor()
    await page.getByRole('button', { name: 'Sign in again' }).click()
    await seen(page)
    expect((await saved())?.status).toBe('approved')
    expect(page.url()).toContain('/batches/b')
  })

  it('keeps what was being written', async () => {
    await press(page, 'n')
    await page.keyboard.type('in the middle of')
    home.signIn.revokeAll()
    await page.keyboard.type(' a thought')
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor()
    await page.getByRole('button', { name: 'Sign in again' }).click()
    await seen(page)
    expect(await page.locator('#field-notes').inputValue()).toBe('in the middle of a thought')
  })
})

describe('A token that is about to end', () => {
  it('is renewed without a word where the provider allows it', async () => {
    home.signIn.tokenSeconds = 30 // under a minute: each call finds it about to end
    home.signIn.refreshable = true
    const context = await browser.newContext()
    const other = await context.newPage()
    await signIn(other, home, CLINICIAN, '/batches/b?dialogue=syn-0001')
    await seen(other)
    home.signIn.revokeAll() // whatever it goes on with now was issued later
    await judge(other, 'a')
    expect((await saved())?.status).toBe('approved')
    expect(await other.getByText('Your session has ended').count()).toBe(0)
    await context.close()
  })
})

describe('Claims', () => {
  it('hold the dialogue on screen and three behind it, and are given back when the page is left', async () => {
    const held = async () => {
      const { dialogues } = (await home.service.list({ batch: 'b', reviewer: 'another' })) ?? { dialogues: [] }
      return dialogues.filter((row) => row.held_by_other).length
    }
    await until('four are held', async () => (await held()) >= 4)
    await page.getByRole('link', { name: 'Batches' }).click()
    await until('none is held', async () => (await held()) === 0)
  })

  it('give two reviewers different dialogues, and each sees what the other has open', async () => {
    await home.openBatch({ batch_id: 'c', title: 'Two' }, dialoguesToReview(8))
    await page.goto(`${home.origin}/batches/c`)
    await seen(page)
    const other = await openPage(browser, home, {
      person: { reviewer: 'bela', name: 'Béla Kovács', roles: ['clinicians'] },
      path: '/batches/c',
    })
    await seen(other)
    expect(await heading(other)).not.toBe(await heading(page))
    const mine = new URL(page.url()).search
    await other.goto(`${home.origin}/batches/c${mine}`)
    await other.getByText('Another reviewer has it open').waitFor()
    await other.context().close()
  })
})

describe('Leases', () => {
  it('are renewed at a third of their time while the tab is seen', async () => {
    await page.context().close()
    await home.close()
    home = await openReviewHome({ leaseMs: 3000 })
    await home.openBatch({ batch_id: 'b', title: 'February' }, dialoguesToReview(2))
    page = await openPage(browser, home, { path: '/batches/b' })
    await seen(page)
    await until('both are renewed', async () => home.calls.filter((call) => /^PUT .*\/claims\//.test(call)).length >= 2)
  })
})

describe('Signing in as somebody else in the same window', () => {
  it('shows nothing of the one before', async () => {
    await press(page, 'n')
    await page.keyboard.type('mine alone')
    await press(page, 'Escape')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await signIn(
      page,
      home,
      { reviewer: 'bela', name: 'Béla Kovács', roles: ['clinicians'] },
      '/batches/b?dialogue=syn-0001',
    )
    await seen(page)
    expect(await page.locator('#field-notes').inputValue()).toBe('')
    expect(await page.getByText('Amara').count()).toBe(0)
  })
})

describe('Signing out', () => {
  it('offers no sign-in before the provider has ended its own session', async () => {
    // Written down by the page that is being left: from outside, a page that navigates cannot be asked.
    await page.evaluate(() =>
      new MutationObserver(() => {
        const sentence = document.body.innerText
        sessionStorage.setItem('shown-while-leaving', (sessionStorage.getItem('shown-while-leaving') ?? '') + sentence)
      }).observe(document.body, { childList: true, subtree: true }),
    )
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    const shown = await page.evaluate(() => sessionStorage.getItem('shown-while-leaving'))
    expect(shown).toContain('Signing out…')
    expect(shown).not.toContain('Sign in')
  })

  it('that the provider does not answer to says what that means on a shared computer', async () => {
    await page.route('**/.well-known/openid-configuration', (route) => route.abort())
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('on a shared computer, close the browser').waitFor()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
  })
})
