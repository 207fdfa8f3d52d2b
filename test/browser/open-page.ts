import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Principal } from '../../review-api/principal.ts'
import { CLINICIAN, type ReviewHome } from './review-home.ts'

/** A window of its own (storage included), signed in as `person`, at `path`. Fails the test on any error of the page. */
export async function openPage(
  browser: Browser,
  home: ReviewHome,
  options: { person?: Principal; path?: string; context?: BrowserContextOptions } = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options.context })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  page.on('pageerror', (error) => errors.push(error.message))
  await page.addInitScript(
    (session) => {
      if (sessionStorage.getItem('test-began') !== null) return // signing out shall last
      sessionStorage.setItem('test-began', 'yes')
      sessionStorage.setItem('session', session)
    },
    home.signIn.sessionOf(options.person ?? CLINICIAN),
  )
  await page.goto(home.origin + (options.path ?? '/'))
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
  return page
}

const errors: string[] = []
/** What went wrong inside pages since this was asked last. */
export function pageErrors(): string[] {
  return errors.splice(0)
}

export async function signIn(page: Page, home: ReviewHome, person: Principal, path: string): Promise<void> {
  home.signIn.person = person
  await page.goto(home.origin + path)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}

/** A dialogue is on screen and keys may judge it. */
export async function seen(page: Page): Promise<void> {
  await page.locator('body[data-seen]').waitFor()
}

/** Presses keys one after the other, as a person would. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}

/** Gives the verdict and waits until the next dialogue may be judged. */
export async function judge(page: Page, ...keys: string[]): Promise<void> {
  await pressAndSeeAnother(page, ...keys, 'Control+Enter')
}

/** Presses keys that bring another dialogue on screen, and waits until that one may be judged (or none is left). */
export async function pressAndSeeAnother(page: Page, ...keys: string[]): Promise<void> {
  await seen(page)
  const shown = await page.locator('body').getAttribute('data-seen')
  await press(page, ...keys)
  await page.waitForFunction(
    (last) => {
      const now = document.body.dataset['seen']
      return (now !== undefined && now !== last) || document.querySelector('.empty') !== null
    },
    shown,
    { polling: 20 },
  )
}

/** The heading of the dialogue on screen, e.g. `Dialogue 7: grief`. */
export function heading(page: Page): Promise<string> {
  return page.locator('#dialogue-heading').innerText()
}

/** What has the focus: its row, turn, or element. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const active = document.activeElement
    if (!(active instanceof HTMLElement)) return 'nothing'
    return active.dataset['row'] ?? active.dataset['turn'] ?? (active.id || active.tagName.toLowerCase())
  })
}

/** The review that the API keeps for the person and dialogue. */
export async function savedReview(home: ReviewHome, batch: string, dialogue: string, reviewer = CLINICIAN.reviewer) {
  const view = await home.service.item({ batch, dialogue, reviewer, roles: ['clinicians'] })
  return view?.review ?? null
}

/** Waits until `look` gives something true; for what happens on the server. */
export async function until<Found>(what: string, look: () => Promise<Found>, timeoutMs = 8000): Promise<Found> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > end) throw new Error(`It did not come to pass in ${timeoutMs} ms: ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
