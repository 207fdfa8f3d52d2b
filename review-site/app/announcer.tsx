import { createStore, useStore, type Store } from './store.ts'

/** One polite live region for the whole page: what just happened, for who cannot see it happen. */
export function createAnnouncer(): { store: Store<{ message: string }>; announce: (message: string) => void } {
  const store = createStore({ message: '' })
  return {
    store,
    announce(message) {
      // A region that gets the same words again stays silent; a trailing no-break space makes them new words.
      store.set({ message: store.get().message === message ? `${message}\u00a0` : message })
    },
  }
}

export function Announcements({ store }: { store: Store<{ message: string }> }) {
  const message = useStore(store, (state) => state.message)
  return (
    <div class="unseen" role="status" aria-live="polite">
      {message}
    </div>
  )
}
