import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Me } from '../../review-api/contract.ts'
import { messageOf } from '../api/client.ts'
import { createOutbox } from '../review/outbox.ts'
import { ReviewPage } from '../review/review-page.tsx'
import { Announcements } from './announcer.tsx'
import { fetchTheRest, lazily } from './lazily.tsx'
import { useRoute } from './router.ts'
import { ServicesProvider, type Services } from './services.ts'
import { Shell } from './shell.tsx'
import { local, parseObject, perTab } from './storage.ts'
import { useStore } from './store.ts'

const BatchesPage = lazily(() => import('../batches/batches-page.tsx').then((module) => module.BatchesPage))
const SignInPage = lazily(() => import('./sign-in-page.tsx').then((module) => module.SignInPage))
const SessionEnded = lazily(() => import('./sign-in-page.tsx').then((module) => module.SessionEnded))
const DialoguesPage = lazily(() => import('../lead/dialogues-page.tsx').then((module) => module.DialoguesPage))
const ReadPage = lazily(() => import('../lead/read-page.tsx').then((module) => module.ReadPage))
const SettlePage = lazily(() => import('../lead/settle-page.tsx').then((module) => module.SettlePage))

interface AppProps {
  services: Services
  announce: (message: string) => void
  problem: string | undefined
}

export function App({ services, announce, problem }: AppProps) {
  const session = useStore(services.session.store, (all) => all)
  const { state } = session
  return (
    <>
      {state === 'signed-out' ? (
        <SignInPage session={services.session} problem={session.problem ?? problem} />
      ) : state === 'signing-out' ? (
        <main class="page" id="content">
          <h1 class="unseen">Dialogue review</h1>
          <p class="muted" role="status">
            Signing out…
          </p>
        </main>
      ) : (
        <SignedInPage services={services} announce={announce} />
      )}
      {state === 'ended' && <SessionEnded session={services.session} />}
      <Announcements store={services.announcer} />
    </>
  )
}

function SignedInPage({ services, announce }: Omit<AppProps, 'problem'>) {
  const { me, problem, retry } = useMe(services)
  const signedIn = useMemo(() => {
    if (me === undefined) return undefined
    const outbox = createOutbox({ api: services.api, storage: local, reviewer: me.reviewer })
    outbox.retryNow()
    return { ...services, me, outbox, announce }
  }, [me])
  useEffect(() => () => signedIn?.outbox.stop(), [signedIn])
  useEffect(() => {
    const timer = setTimeout(fetchTheRest, 1500) // when what the person came for is there
    return () => clearTimeout(timer)
  }, [])
  if (signedIn === undefined)
    return (
      <main class="page" id="content">
        <h1 class="unseen">Dialogue review</h1>
        {problem === undefined ? (
          <p class="muted">Loading…</p>
        ) : (
          <p class="notice error" role="alert">
            {problem}{' '}
            <button type="button" onClick={retry}>
              Try again
            </button>
          </p>
        )}
      </main>
    )
  return (
    <ServicesProvider value={signedIn}>
      <Place />
    </ServicesProvider>
  )
}

/** Who I am does not change while the tab lives: kept with the session, it saves a reload one round trip. */
function useMe({ api }: Services) {
  const [me, setMe] = useState<Me | undefined>(readMe)
  const [problem, setProblem] = useState<string>()
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    if (me !== undefined) return
    setProblem(undefined)
    api.me().then(
      (answer) => {
        perTab.write(WHO, JSON.stringify(answer))
        setMe(answer)
      },
      (cause: unknown) => setProblem(messageOf(cause)),
    )
  }, [attempt])
  return { me, problem, retry: () => setAttempt(attempt + 1) }
}

/** Where {@link useMe} keeps its answer, in the tab's storage. */
export const WHO = 'me'

function readMe(): Me | undefined {
  const kept = parseObject(perTab.read(WHO))
  const { reviewer, name, roles } = kept ?? {}
  if (typeof reviewer !== 'string' || typeof name !== 'string' || !Array.isArray(roles)) return undefined
  return { reviewer, name, roles: (['clinicians', 'leads'] as const).filter((role) => roles.includes(role)) }
}

function Place() {
  const route = useRoute()
  switch (route.name) {
    case 'batches':
      return <BatchesPage />
    case 'review':
      return <ReviewPage key={route.batch} batch={route.batch} dialogue={route.dialogue} />
    case 'dialogues':
      return <DialoguesPage key={`${route.batch} ${route.status}`} batch={route.batch} status={route.status} />
    case 'read':
      return <ReadPage key={`${route.batch} ${route.dialogue}`} batch={route.batch} dialogue={route.dialogue} />
    case 'settle':
      return <SettlePage key={`${route.batch} ${route.dialogue}`} batch={route.batch} dialogue={route.dialogue} />
    case 'unknown':
      return (
        <Shell title="There is no such page">
          <main class="page" id="content" tabIndex={-1}>
            <p>
              The address may be incomplete. <a href="/">Go to the batches</a>.
            </p>
          </main>
        </Shell>
      )
  }
}
