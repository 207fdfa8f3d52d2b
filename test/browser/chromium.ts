import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

/** Where Debian and Ubuntu put it; another place goes into $CHROMIUM. */
const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** @throws with the command that installs it where there is none */
export function chromiumPath(places: readonly string[] = USUAL_PLACES): string {
  const named = process.env['CHROMIUM']
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named
    throw new Error(`CHROMIUM names ${named}, and there is nothing. Set it to a Chromium's path, or leave it out.`)
  }
  const found = places.find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Error(
    'The browser tests need Chromium, and none was found. Install it (Debian, Ubuntu: `sudo apt-get install chromium`) ' +
      'or set CHROMIUM to the path of one.',
  )
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
}
