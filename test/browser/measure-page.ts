import { launchChromium } from './chromium.ts'
import { openPage, press, seen } from './open-page.ts'
import { dialoguesToReview } from './review-dialogues.ts'
import { openReviewHome, type ReviewHome } from './review-home.ts'

/**
 * Measures what the design sets figures for, in Chromium on this machine, and prints them as JSON: how long until a
 * dialogue can be read on a slow line, how long from the key to the paint, how often a reviewer waits for the next one.
 *
 *   node test/browser/measure-page.ts
 *
 * Slow line: 1.6 Mbit/s down, 0.75 up, 150 ms a round trip; slow machine: a CPU slowed down four times. Times on shared
 * cores vary by a third; they are to be read beside each other, not as a record.
 */
const LINE = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 }
const CPU_RATE = 4
const LOADS = 5
const ADVANCES = 40

const home = await openReviewHome()
await home.openBatch({ batch_id: 'b', title: 'February' }, dialoguesToReview(ADVANCES + 10))
const browser = await launchChromium()
try {
  const ready = await readyTimes(home)
  const advances = await advanceTimes(home)
  process.stdout.write(`${JSON.stringify({ ...ready, ...advances }, null, 2)}\n`)
} finally {
  await browser.close()
  await home.close()
}

/** From the start of the navigation until the first dialogue is painted; cold cache, signed in already. */
async function readyTimes(at: ReviewHome) {
  const page = await openPage(browser, at)
  await page.addInitScript(() => {
    const look = new MutationObserver(() => {
      if (document.querySelector('#dialogue-heading') === null) return
      look.disconnect()
      requestAnimationFrame(() =>
        setTimeout(() => (document.documentElement.dataset['ready'] = String(performance.now()))),
      )
    })
    look.observe(document, { childList: true, subtree: true })
  })
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
  await devtools.send('Network.emulateNetworkConditions', LINE)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE })
  const times: number[] = []
  for (let load = 0; load < LOADS; load++) {
    await page.goto(`${at.origin}/batches/b`)
    await page.locator('html[data-ready]').waitFor({ timeout: 60_000 })
    times.push(Number(await page.locator('html').getAttribute('data-ready')))
  }
  const bytes = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map((entry) => ({ name: entry.name, bytes: (entry as PerformanceResourceTiming).encodedBodySize })),
  )
  await page.context().close()
  return {
    ready_on_slow_line_ms: {
      best: Math.round(Math.min(...times)),
      median: quantile(times, 0.5),
      worst: Math.round(Math.max(...times)),
    },
    fetched_before_ready: bytes.filter(({ name }) => !name.includes('/assets/') || /page-|index-/.test(name)),
  }
}

/** Verdict after verdict with the CPU slowed down; the network is as it is, the server answers after 150 ms. */
async function advanceTimes(at: ReviewHome) {
  const page = await openPage(browser, at, { path: '/batches/b' })
  await page.waitForLoadState('networkidle')
  at.faults.add({
    on: /.*/,
    times: 100_000,
    before: () => new Promise((resolve) => setTimeout(resolve, 150)),
  })
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE })
  await page.evaluate(() => {
    const times: Record<string, number[]> = { submit: [], row: [] }
    Object.assign(window, { times })
    const listen = (event: KeyboardEvent) => {
      const kind = event.key === 'Enter' && event.ctrlKey ? 'submit' : event.key === 'ArrowDown' ? 'row' : undefined
      if (kind === undefined) return
      // The message arrives after the frame that the animation callback belongs to is painted.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => times[kind]?.push(performance.now() - event.timeStamp)
        port2.postMessage(null)
      })
    }
    document.addEventListener('keydown', listen, { capture: true })
  })
  let waits = 0
  for (let advance = 0; advance < ADVANCES; advance++) {
    await seen(page)
    await press(page, 'a')
    await press(page, 'ArrowDown')
    await press(page, 'Control+Enter')
    if (await page.evaluate(() => document.querySelector('#dialogue-heading') === null)) waits += 1
  }
  const { submit, row } = await page.evaluate(() => (window as unknown as { times: Record<string, number[]> }).times)
  await page.context().close()
  return {
    key_to_paint_ms: { submit: quantiles(submit ?? []), move_to_the_next_row: quantiles(row ?? []) },
    advances_without_a_wait: `${ADVANCES - waits} of ${ADVANCES}`,
  }
}

function quantiles(values: readonly number[]) {
  return {
    n: values.length,
    p50: quantile(values, 0.5),
    p75: quantile(values, 0.75),
    worst: Math.round(Math.max(...values)),
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
}
