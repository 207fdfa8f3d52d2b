import { afterEach, describe, expect, it, vi } from 'vitest'
import { chromiumPath } from '../../browser/chromium.ts'

afterEach(() => vi.unstubAllEnvs())

describe('The Chromium of the browser tests', () => {
  it('is the one that CHROMIUM names', () => {
    vi.stubEnv('CHROMIUM', process.execPath)
    expect(chromiumPath()).toBe(process.execPath)
  })

  it('that CHROMIUM names and is not there is told by name', () => {
    vi.stubEnv('CHROMIUM', '/nowhere/chromium')
    expect(() => chromiumPath()).toThrow(/CHROMIUM names \/nowhere\/chromium/)
  })

  it('is looked for in the usual places, and its absence names the command that installs it', () => {
    vi.stubEnv('CHROMIUM', '')
    expect(() => chromiumPath([])).toThrow('sudo apt-get install chromium')
  })
})
