import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Dialogue } from '../../core/dialogue/schema.ts'
import { aWorkspace, until, type HomeProcess, type TestWorkspace } from '../integration/home-process.ts'
import { launchChromium } from './chromium.ts'
import { judge, pressAndSeeAnother, seen } from './open-page.ts'

/** The whole job as a new user does it: `npm start`, a clinician at the keyboard, a lead who closes, a training set. */

let browser: Browser
let workspace: TestWorkspace
let home: HomeProcess

beforeAll(async () => {
  workspace = aWorkspace()
  ;[browser, home] = await Promise.all([launchChromium(), workspace.start()])
})
afterAll(async () => {
  await browser.close()
  await workspace.remove()
})

async function signIn(page: Page, username: string): Promise<void> {
  const line = home
    .output()
    .split('\n')
    .find((each) => each.trim().startsWith(`${username} `))
  const password = /password (\S+)/.exec(line ?? '')?.[1]
  if (password === undefined) throw new Error(`no password of ${username} in:\n${home.output()}`)
  await page.goto(home.origin)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Batches', level: 1 }).waitFor()
}

const jsonLines = async (path: string): Promise<Dialogue[]> =>
  (await readFile(workspace.file(path), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Dialogue)

describe('After npm start', () => {
  it('a clinician reviews the first batch by keyboard, a lead closes it, and the training set is there', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    const failures: string[] = []
    page.on('pageerror', (error) => failures.push(error.message))
    page.on('console', (message) => message.type() === 'error' && failures.push(message.text()))

    await signIn(page, 'clinician-1')
    await page.locator('.tag.open').waitFor() // the list looks for itself; nobody reloads
    await page.getByRole('link', { name: 'example-seed-dialogues.json' }).press('Enter')
    for (let reviewed = 0; reviewed < 50; reviewed++) {
      await seen(page)
      expect(await page.locator('.desk-footer .figures').innerText()).toBe(`${reviewed} / 50`)
      if (reviewed % 10 === 9) await judge(page, 'x', 'ArrowDown', 'ArrowDown', '1')
      else if (reviewed === 3) {
        await judge(page, 'v', 'ArrowDown', 'ArrowDown', '6')
        await pressAndSeeAnother(page, 'u') // changes their mind
        await judge(page, 'a')
      } else await judge(page, 'a')
    }
    await page.getByRole('heading', { name: 'Every dialogue is reviewed' }).waitFor()
    await page.getByText('45 approved · 0 to revise · 5 rejected').waitFor()
    expect(await page.getByRole('button', { name: 'Close batch…' }).count()).toBe(0)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await signIn(page, 'lead')
    await page.getByRole('link', { name: 'example-seed-dialogues.json' }).press('Enter')
    await page.getByRole('button', { name: 'Close batch…' }).last().press('Enter')
    await page.getByText('45 approved dialogues').waitFor()
    await page.getByRole('button', { name: 'Close batch', exact: true }).press('Enter')
    await page.getByText('by lead').waitFor()

    const latest = await until('the training set is there', () =>
      workspace.json<{ version: string }>('datasets/training/latest.json').catch(() => undefined),
    )
    const training = await jsonLines(`datasets/training/${latest.version}/combined.jsonl`)
    const approved = training.filter((dialogue) => dialogue.labels['clinician_approved'] === true)
    expect(approved).toHaveLength(45)
    expect(training).toHaveLength(45 + 20) // and the seeds
    expect(failures).toEqual([])
  }, 400_000)
})
