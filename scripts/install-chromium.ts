import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * The browser tests drive a real Chromium. Where there is none and this is Debian or Ubuntu as root (a fresh CI
 * machine), it is installed from the distribution's packages; elsewhere the person is told what to do.
 */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const configured = process.env['CHROMIUM']
const found = configured ?? PLACES.find((path) => existsSync(path))
if (found !== undefined && existsSync(found)) {
  console.log(`Chromium: ${found}`)
} else if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  console.log('Chromium: installing from the Debian packages …')
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const step of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
  ]) {
    const run = spawnSync('apt-get', step, { env: environment, encoding: 'utf8' })
    if (run.status !== 0) {
      console.error(`apt-get ${step.join(' ')} failed:\n${run.stderr.trim().split('\n').slice(-5).join('\n')}`)
      process.exit(1)
    }
  }
  console.log('Chromium: installed')
} else {
  console.error(
    'The browser tests need Chromium, and there is none at ' +
      (configured ?? PLACES.join(', ')) +
      '.\n  Install it (Debian: sudo apt-get install chromium) or set CHROMIUM to its path.',
  )
  process.exit(1)
}
