import { useEffect, useMemo } from 'preact/hooks'
import { addressOf, rewriteAddress } from '../app/router.ts'
import { lazily } from '../app/lazily.tsx'
import { isLead, useServices } from '../app/services.ts'
import { Shell } from '../app/shell.tsx'
import { local } from '../app/storage.ts'
import { useStore } from '../app/store.ts'
import { createDesk, type Desk } from './desk.ts'
import { ReviewScreen } from './review-screen.tsx'
import { UnsavedTray } from './unsaved-tray.tsx'

const BatchStateView = lazily(() => import('../batches/batch-states.tsx').then((module) => module.BatchStateView))

/** How often a batch that opens or closes is looked at, and a finished queue asked for more. */
const SOON_MS = 2_000
const LATER_MS = 20_000

export function ReviewPage({ batch, dialogue }: { batch: string; dialogue: string | null }) {
  const { api, outbox, me, announce } = useServices()
  const desk = useMemo(
    () =>
      createDesk({
        api,
        outbox,
        storage: local,
        batch,
        reviewer: me.reviewer,
        announce,
        visible: () => document.visibilityState === 'visible',
      }),
    [batch],
  )
  useDeskLife(desk, dialogue)
  const phase = useStore(desk.store, (state) => state.phase)
  const detail = useStore(desk.store, (state) => state.batch)
  const current = useStore(desk.store, (state) => state.current)
  useEffect(() => {
    if (phase !== 'loading') rewriteAddress(addressOf.review(batch, current ?? undefined))
  }, [phase, current])

  if (phase === 'reviewing' || phase === 'waiting' || phase === 'done')
    return <ReviewScreen desk={desk} batch={batch} lead={isLead(me)} />
  return (
    <Shell title={detail?.title ?? 'Batch'}>
      <main class="page" id="content" tabIndex={-1}>
        {phase === 'loading' && <p class="muted">Loading…</p>}
        {phase === 'failed' && <LoadFailed desk={desk} dialogue={dialogue} />}
        {phase === 'not-open' && <UnsavedTray />}
        {phase === 'not-open' && detail !== null && <BatchStateView batch={detail} />}
      </main>
    </Shell>
  )
}

function LoadFailed({ desk, dialogue }: { desk: Desk; dialogue: string | null }) {
  const problem = useStore(desk.store, (state) => state.problem)
  return (
    <p class="notice error" role="alert">
      {problem}{' '}
      <button type="button" onClick={() => void desk.start(dialogue)}>
        Try again
      </button>
    </p>
  )
}

/** Ties the desk to the tab: start, hide, wake, leave, and the looks from time to time. */
function useDeskLife(desk: Desk, dialogue: string | null): void {
  useEffect(() => {
    void desk.start(dialogue)
    const visibility = () => (document.visibilityState === 'hidden' ? desk.hide() : desk.wake())
    const leave = () => desk.leave()
    // Out of the browser's back-forward cache: the claims were given back, so begin anew.
    const restored = (event: PageTransitionEvent) => event.persisted && window.location.reload()
    const active = () => desk.active()
    document.addEventListener('visibilitychange', visibility)
    window.addEventListener('pagehide', leave)
    window.addEventListener('pageshow', restored)
    const signs = ['pointermove', 'keydown', 'scroll'] as const
    for (const sign of signs) document.addEventListener(sign, active, { passive: true, capture: true })
    return () => {
      document.removeEventListener('visibilitychange', visibility)
      window.removeEventListener('pagehide', leave)
      window.removeEventListener('pageshow', restored)
      for (const sign of signs) document.removeEventListener(sign, active, { capture: true })
      desk.leave()
    }
  }, [desk])

  const phase = useStore(desk.store, (state) => state.phase)
  const moving = useStore(desk.store, (state) => state.batch?.status === 'opening' || state.batch?.status === 'closing')
  useEffect(() => {
    if (phase !== 'done' && !(phase === 'not-open' && moving)) return
    const timer = setInterval(
      () => document.visibilityState === 'visible' && desk.wake(),
      phase === 'done' ? LATER_MS : SOON_MS,
    )
    return () => clearInterval(timer)
  }, [desk, phase, moving])
}
