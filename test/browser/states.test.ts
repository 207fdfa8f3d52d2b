import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { aNewBatch, aRecord } from '../builders/a-batch.ts'
import { launchChromium } from './chromium.ts'
import { heading, openPage, pageErrors, seen, signIn, until } from './open-page.ts'
import { dialoguesToReview } from './review-dialogues.ts'
import { CLINICIAN, openReviewHome, SECOND, type ReviewHome } from './review-home.ts'

let browser: Browser
let home: ReviewHome
let page: Page

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())
beforeEach(async () => {
  home = await openReviewHome()
})
afterEach(async () => {
  await page.context().close()
  await home.close()
  expect(pageErrors()).toEqual([])
})

describe('The list of batches', () => {
  it('says what to do while there is none', async () => {
    page = await openPage(browser, home)
    await page.getByRole('heading', { name: 'No batches yet' }).waitFor()
  })

  it('shows progress, state, and why a batch failed', async () => {
    await home.openBatch({ batch_id: 'good', title: 'good.json' }, dialoguesToReview(3))
    await home.service.openBatch(aNewBatch({ batch_id: 'bad', title: 'bad.json' }))
    await home.service.failBatch('bad', 'bad.json, line 14: this is not JSON.')
    page = await openPage(browser, home)
    await page.getByText('bad.json, line 14: this is not JSON.').waitFor()
    await page.getByText('0 / 3').waitFor()
    await page.getByRole('link', { name: 'bad.json' }).click()
    await page.getByRole('heading', { name: 'The batch could not be opened' }).waitFor()
  })

  it('fits a narrow screen though the reason has long names, and keeps its lines apart', async () => {
    const name = 'a_name_without_a_single_space_that_is_longer_than_any_screen_is_wide'
    await home.service.openBatch(aNewBatch({ batch_id: 'bad', title: 'bad.json' }))
    await home.service.failBatch('bad', `bad.json: unknown concern "${name}"\n  Did you mean "grief"?`)
    page = await openPage(browser, home, { context: { viewport: { width: 360, height: 740 } } })
    const notice = page.locator('.notice.error')
    await notice.waitFor()
    expect((await notice.innerText()).split('\n').at(-1)?.trim()).toBe('Did you mean "grief"?')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
  })

  it('can be asked again when the server did not answer', async () => {
    home.faults.add({ on: /GET \/api\/batches$/, status: 500 })
    await home.openBatch({ batch_id: 'good', title: 'good.json' }, dialoguesToReview(1))
    page = await openPage(browser, home)
    await page.getByText('The server answered 500.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('link', { name: 'good.json' }).waitFor()
  })
})

describe('On a narrow screen', () => {
  it('the dialogue has most of the room, until somebody is in the form', async () => {
    await home.openBatch({ batch_id: 'b' }, dialoguesToReview(3))
    page = await openPage(browser, home, { path: '/batches/b', context: { viewport: { width: 360, height: 740 } } })
    await seen(page)
    const heightOf = async (pane: string) => (await page.locator(`.pane.${pane}`).boundingBox())?.height ?? 0
    expect(await heightOf('dialogue')).toBeGreaterThan(400)
    for (const verdict of ['Approve', 'Needs revision', 'Reject'])
      expect(await page.getByRole('radio', { name: verdict }).isVisible()).toBe(true)
    await page.getByText('Reject', { exact: true }).click()
    await until('the form rises', async () => (await heightOf('form')) > 400)
    await page.getByText('Harmful').click()
    await page.getByRole('button', { name: 'Submit' }).click()
    await until('it sinks again', async () => (await heightOf('dialogue')) > 400)
  })
})

describe('A batch', () => {
  it('that is being opened becomes a review by itself', async () => {
    await home.service.openBatch(aNewBatch({ batch_id: 'b', title: 'b.json' }))
    page = await openPage(browser, home, { path: '/batches/b' })
    await page.getByRole('heading', { name: 'The batch is being opened' }).waitFor()
    await home.service.addDialogues(
      'b',
      dialoguesToReview(2).map((dialogue, index) => aRecord(index, { dialogue })),
    )
    await home.service.finishOpening('b')
    await seen(page)
    expect(await heading(page)).toContain('Dialogue')
  })

  it('with nothing left for me says who it waits for, and goes on when something comes back', async () => {
    await home.openBatch({ batch_id: 'b', title: 'b.json' }, dialoguesToReview(1))
    await home.service.claim({ batch: 'b', reviewer: SECOND.reviewer, roles: ['clinicians'], count: 1, except: [] })
    page = await openPage(browser, home, { path: '/batches/b' })
    await page.getByRole('heading', { name: 'Nothing is left for you' }).waitFor()
    await page.getByText('1 dialogue waits for another reviewer.').waitFor()
    await home.service.release({ batch: 'b', dialogue: 'syn-0001', reviewer: SECOND.reviewer })
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))) // as when the tab is seen again
    await seen(page)
  })

  it('that is closed while it is open here shows so, and the verdict that came too late is not lost silently', async () => {
    await home.openBatch({ batch_id: 'b', title: 'b.json' }, dialoguesToReview(3))
    page = await openPage(browser, home, { path: '/batches/b' })
    await seen(page)
    await home.service.close({ batch: 'b', by: 'lena', reviews_key: 'reviews/b.json', leave_unreviewed: true })
    await home.service.finishClosing('b')
    await page.keyboard.press('a')
    await page.keyboard.press('Control+Enter')
    await page.getByText('by lena').waitFor()
    await page.getByText('not saved (1)').click()
    await page.getByText('This batch is closed').waitFor()
    await page.getByRole('button', { name: 'Give it up' }).click()
    await page.getByRole('link', { name: 'Read the dialogues' }).click()
    await page.getByRole('link', { name: 'Dialogue 1' }).click()
    await page.getByText('This is story number 1.').waitFor()
  })

  it('that does not exist says so', async () => {
    page = await openPage(browser, home, { path: '/batches/none' })
    await page.getByText('There is no such batch.').waitFor()
  })
})

describe('An address', () => {
  it('that is no page leads back to the batches', async () => {
    page = await openPage(browser, home, { path: '/nowhere/at/all' })
    await page.getByRole('link', { name: 'Go to the batches' }).click()
    await page.getByRole('heading', { name: 'No batches yet' }).waitFor()
  })

  it('is where one is taken back to after signing in', async () => {
    await home.openBatch({ batch_id: 'b c', title: 'spaces' }, dialoguesToReview(2))
    page = await (await browser.newContext()).newPage()
    await signIn(page, home, CLINICIAN, '/batches/b%20c?dialogue=syn-0002')
    await seen(page)
    expect(await heading(page)).toContain('Dialogue 2')
  })
})

describe('Sign-in', () => {
  it('that fails at the provider says so and can be tried again', async () => {
    page = await (await browser.newContext()).newPage()
    await page.goto(`${home.origin}/?error=access_denied&error_description=Not+you&state=made-up`)
    await page.getByText('Sign-in did not succeed').waitFor()
    expect(new URL(page.url()).search).toBe('')
  })
})

describe('What a dialogue says', () => {
  it('is shown as text, whatever it looks like', async () => {
    const [dialogue] = dialoguesToReview(1)
    if (dialogue?.messages[0] === undefined || dialogue.messages[1] === undefined) throw new Error('no dialogue')
    const nasty = '<img src=x onerror="window.hit=1"> **bold** [link](javascript:hit)\n\n  <script>hit()</script>\u202e'
    dialogue.messages[0].text = nasty
    dialogue.messages[1].text = nasty
    dialogue.user_profile.concern = '<b>concern</b>'
    const finding = { code: 'x', severity: 'warning' as const, turn: 1, message: '<i>look</i>', excerpt: '<img src=y>' }
    await home.openBatch({ batch_id: 'b', title: '<u>title</u>' }, [dialogue], [finding])
    page = await openPage(browser, home, { path: '/batches/b' })
    await seen(page)
    expect(await page.locator('[data-turn="0"] [data-text]').evaluate((node) => node.textContent)).toBe(nasty)
    expect(await page.locator('.turns img, .turns b, .turns i, .turns a, h1 u, h2 b').count()).toBe(0)
    expect(await page.evaluate(() => 'hit' in window)).toBe(false)
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('<u>title</u>')
    expect(await page.locator('.findings').innerText()).toContain('<i>look</i>')
  })
})

describe('Guidelines and progress', () => {
  it('fold out of the way and open on a key; the progress is measured against the target', async () => {
    await home.openBatch({ batch_id: 'b', title: 'b' }, dialoguesToReview(6))
    page = await openPage(browser, home, { path: '/batches/b' })
    await seen(page)
    await page.keyboard.press('g')
    await page.getByRole('heading', { name: 'Verdicts' }).waitFor()
    await page.keyboard.press('g')
    expect(await page.getByRole('heading', { name: 'Verdicts' }).count()).toBe(0)
    await page.getByText('Progress', { exact: true }).click()
    await page.getByRole('row', { name: /check-in/ }).waitFor()
    await page.locator('#dialogue-heading').focus()
    await page.keyboard.press('a')
    await page.keyboard.press('Control+Enter')
    await page.getByText('1 approved of 6').waitFor()
    await until('the axis counts it', async () => /100%/.test(await page.locator('.targets').innerText()))
    expect((await home.service.detail('b', CLINICIAN.reviewer))?.mine.reviewed).toBe(1)
  })
})
