import { createStore, useStore } from './store.ts'

/** Where the page is. Each place has an address of its own, so that reload, back and bookmarks work. */
export type Route =
  | { name: 'batches' }
  | { name: 'review'; batch: string; dialogue: string | null }
  | { name: 'dialogues'; batch: string; status: string | null }
  | { name: 'read'; batch: string; dialogue: string }
  | { name: 'settle'; batch: string; dialogue: string }
  | { name: 'unknown' }

const location = createStore({ path: '/', query: '' })

/** Called once, before the first drawing. */
export function startRouter(): void {
  const read = () => location.set({ path: window.location.pathname, query: window.location.search })
  read()
  window.addEventListener('popstate', read)
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (link === null || link.origin !== window.location.origin || link.target !== '') return
    event.preventDefault()
    navigate(link.pathname + link.search)
  })
}

export function navigate(to: string): void {
  window.history.pushState(null, '', to)
  location.set({ path: window.location.pathname, query: window.location.search })
}

/** Changes the address in place: moving from dialogue to dialogue is no step in the browser's history. */
export function rewriteAddress(to: string): void {
  if (window.location.pathname + window.location.search !== to) window.history.replaceState(null, '', to)
}

export function parseRoute(path: string, query: string): Route {
  const parts = path.split('/').filter((part) => part !== '')
  const search = new URLSearchParams(query)
  const [top, batch, view, dialogue] = parts.map(decode)
  if (top === undefined) return { name: 'batches' }
  if (top !== 'batches' || parts.length > 4) return { name: 'unknown' }
  if (batch === undefined) return { name: 'batches' }
  if (view === undefined) return { name: 'review', batch, dialogue: search.get('dialogue') }
  if (view === 'dialogues' && dialogue === undefined) return { name: 'dialogues', batch, status: search.get('status') }
  if (view === 'dialogues' && dialogue !== undefined) return { name: 'read', batch, dialogue }
  if (view === 'settle' && dialogue !== undefined) return { name: 'settle', batch, dialogue }
  return { name: 'unknown' }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // a stray % in a hand-typed address
  }
}

export function useRoute(): Route {
  const { path, query } = useStore(location, (state) => state)
  return parseRoute(path, query)
}

const enc = encodeURIComponent
export const addressOf = {
  batches: () => '/',
  review: (batch: string, dialogue?: string) =>
    `/batches/${enc(batch)}${dialogue === undefined ? '' : `?dialogue=${enc(dialogue)}`}`,
  dialogues: (batch: string, status?: string) =>
    `/batches/${enc(batch)}/dialogues${status === undefined ? '' : `?status=${enc(status)}`}`,
  read: (batch: string, dialogue: string) => `/batches/${enc(batch)}/dialogues/${enc(dialogue)}`,
  settle: (batch: string, dialogue: string) => `/batches/${enc(batch)}/settle/${enc(dialogue)}`,
}
