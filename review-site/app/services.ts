import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Me, SiteConfig } from '../../review-api/contract.ts'
import type { Api } from '../api/client.ts'
import type { KeySettings } from '../review/keys.ts'
import type { Outbox } from '../review/outbox.ts'
import type { Session } from '../session/session.ts'
import type { Store } from './store.ts'

/** What the page is made of, made once in `main.tsx`. */
export interface Services {
  config: SiteConfig
  session: Session
  api: Api
  keys: Store<KeySettings>
  announcer: Store<{ message: string }>
}
/** What there is only once somebody is signed in. */
export interface SignedIn extends Services {
  me: Me
  outbox: Outbox
  announce: (message: string) => void
}

const context = createContext<SignedIn | undefined>(undefined)
export const ServicesProvider = context.Provider

export function useServices(): SignedIn {
  const services = useContext(context)
  if (services === undefined) throw new Error('Drawn outside of ServicesProvider.')
  return services
}

export function isLead(me: Me): boolean {
  return me.roles.includes('leads')
}
