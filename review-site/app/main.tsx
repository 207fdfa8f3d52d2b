import { render } from 'preact'
import type { SiteConfig } from '../../review-api/contract.ts'
import { createApi, messageOf } from '../api/client.ts'
import { readKeys } from '../review/keys.ts'
import { createSession } from '../session/session.ts'
import { createAnnouncer } from './announcer.tsx'
import { App, WHO } from './app.tsx'
import { startRouter } from './router.ts'
import { local, perTab } from './storage.ts'
import { createStore } from './store.ts'

async function loadConfig(): Promise<SiteConfig> {
  const response = await fetch('/config.json')
  if (!response.ok) throw new Error(`/config.json answered ${response.status}`)
  // Written by the same deployment as this page.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment
  const config: SiteConfig = await response.json()
  return config
}

async function startPage(root: HTMLElement): Promise<void> {
  const config = await loadConfig()
  const session = createSession(config.oidc, perTab)
  let problem: string | undefined
  try {
    const returnTo = await session.finishSignIn()
    if (returnTo !== undefined) {
      perTab.remove(WHO) // it may be somebody else now
      window.history.replaceState(null, '', returnTo)
    }
  } catch (cause) {
    problem = `Sign-in did not succeed: ${messageOf(cause)}`
    window.history.replaceState(null, '', '/') // the code is used up; a reload must not try it again
  }
  startRouter()
  const announcer = createAnnouncer()
  const api = createApi({ base: config.api, token: () => session.token(), onSessionEnd: () => session.end() })
  const keys = createStore(readKeys(local))
  const services = { config, session, api, keys, announcer: announcer.store }
  render(<App services={services} announce={announcer.announce} problem={problem} />, root)
}

const root = document.getElementById('page')
if (root !== null)
  startPage(root).catch((cause: unknown) => {
    root.textContent = `The page could not start: ${messageOf(cause)}. Reload it; if that does not help, tell your platform team.`
  })
