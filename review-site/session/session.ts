import type { SiteConfig } from '../../review-api/contract.ts'
import { parseObject, type KeyValue } from '../app/storage.ts'
import { createStore, type Store } from '../app/store.ts'

/**
 * `ended`: there was a session and the API or the provider refuses it now; what is on screen stays there.
 * `signing-out`: nothing is kept here any more, but until the provider has ended its own session whoever signed in
 * next would be let in as the person before.
 */
export type SessionState = { state: 'signing-out' | 'signed-in' | 'ended' } | { state: 'signed-out'; problem?: string }

export interface Session {
  store: Store<SessionState>
  /** The access token; renewed first when it is about to lapse. Undefined when the person must sign in again. */
  token(): Promise<string | undefined>
  signIn(): Promise<void>
  /** Call it where the provider sends the browser back to; the path to go on at, or undefined when this is no callback. */
  finishSignIn(): Promise<string | undefined>
  signOut(): Promise<void>
  /** The API refused the token. */
  end(): void
}

const KEY = 'session'
/** Long enough for a slow request, short enough not to renew twice as often as needed. */
const RENEW_BEFORE_MS = 60_000

const loadSignIn = () => import('./sign-in.ts')

export function createSession(oidc: SiteConfig['oidc'], storage: KeyValue, now: () => number = Date.now): Session {
  const kept = () => readTokens(storage.read(KEY))
  const store = createStore<SessionState>({ state: kept() === undefined ? 'signed-out' : 'signed-in' })
  let renewing: Promise<string | undefined> | undefined

  const renew = async (): Promise<string | undefined> => {
    const session = storage.read(KEY)
    try {
      if (session === undefined) return undefined
      const renewed = await (await loadSignIn()).renewSession(oidc, session)
      storage.write(KEY, renewed)
      return readTokens(renewed)?.accessToken
    } catch {
      return undefined
    } finally {
      renewing = undefined
    }
  }

  return {
    store,
    async token() {
      const tokens = kept()
      if (tokens === undefined) return undefined
      if (tokens.expiresAt - now() > RENEW_BEFORE_MS) return tokens.accessToken
      // Without a refresh token it is good to its last second.
      if (tokens.refreshable) {
        const renewed = await (renewing ??= renew())
        if (renewed !== undefined) return renewed
      }
      return tokens.expiresAt > now() ? tokens.accessToken : undefined
    },
    async signIn() {
      const { beginSignIn } = await loadSignIn()
      await beginSignIn(oidc, window.location.pathname + window.location.search)
    },
    async finishSignIn() {
      const query = new URLSearchParams(window.location.search)
      if (!query.has('state') || !(query.has('code') || query.has('error'))) return undefined
      const { session, returnTo } = await (await loadSignIn()).completeSignIn(oidc)
      storage.write(KEY, session)
      store.set({ state: 'signed-in' })
      return returnTo
    },
    async signOut() {
      const session = storage.read(KEY)
      storage.remove(KEY)
      if (session === undefined) return store.set({ state: 'signed-out' })
      store.set({ state: 'signing-out' })
      try {
        await (await loadSignIn()).endSession(oidc, session) // leaves the page
      } catch {
        store.set({
          state: 'signed-out',
          problem:
            'You are signed out here, but the sign-in service could not be reached: on a shared computer, close the browser.',
        })
      }
    },
    end() {
      if (store.get().state !== 'signed-in') return
      storage.remove(KEY)
      store.set({ state: 'ended' })
    },
  }
}

function readTokens(
  json: string | undefined,
): { accessToken: string; expiresAt: number; refreshable: boolean } | undefined {
  const user = parseObject(json)
  if (typeof user?.['access_token'] !== 'string') return undefined
  const seconds = user['expires_at']
  return {
    accessToken: user['access_token'],
    expiresAt: typeof seconds === 'number' ? seconds * 1000 : Number.POSITIVE_INFINITY,
    refreshable: typeof user['refresh_token'] === 'string',
  }
}
