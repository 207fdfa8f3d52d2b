import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { aWorkspace, type HomeProcess, type TestWorkspace } from '../integration/home-process.ts'
import { launchChromium } from './chromium.ts'

/** The sign-in of the one-machine home as a person sees it. */

let browser: Browser
let workspace: TestWorkspace
let home: HomeProcess
let page: Page

beforeAll(async () => {
  workspace = aWorkspace()
  ;[browser, home] = await Promise.all([launchChromium(), workspace.start('--no-first-batch')])
})
afterEach(() => page.context().close())
afterAll(async () => {
  await browser.close()
  await workspace.remove()
})

async function openForm(context: { colorScheme: 'light' | 'dark'; viewport: { width: number; height: number } }) {
  page = await (await browser.newContext(context)).newPage()
  await page.goto(home.origin)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('User name').waitFor()
}

const violations = async () =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
const focused = () => page.evaluate(() => document.activeElement?.id)

describe.each([
  { colorScheme: 'light' as const, viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark' as const, viewport: { width: 360, height: 700 } },
])('The sign-in form, $colorScheme at $viewport.width px', (context) => {
  it('is used by keyboard alone; a wrong password is said aloud, and the right one is typed next', async () => {
    const complaints: string[] = []
    await openForm(context)
    page.on(
      'console',
      (message) => message.text().includes('Content Security Policy') && complaints.push(message.text()),
    )
    expect(await violations()).toEqual([])
    expect(await focused()).toBe('username')
    await page.keyboard.type('clinician-1')
    await page.keyboard.press('Tab')
    await page.keyboard.type('not the password')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('User name or password is wrong.').waitFor()
    expect(await violations()).toEqual([])
    expect(await focused()).toBe('password')
    const password = /clinician-1 .*password (\S+)/.exec(home.output())?.[1] ?? ''
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    expect(complaints).toEqual([])
  })
})

it('A sign-in that was left open after it was finished elsewhere says so, with a way on', async () => {
  await openForm({ colorScheme: 'light', viewport: { width: 1280, height: 800 } })
  const address = page.url()
  await page.context().clearCookies()
  await page.goto(address)
  await page.getByRole('heading', { name: 'This sign-in is over' }).waitFor()
  expect(await violations()).toEqual([])
  await page.getByRole('link', { name: 'Go to the review page' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
})
