import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

const waiting: (() => Promise<unknown>)[] = []

/** A component that is fetched when it is first drawn, or by {@link fetchTheRest}. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined
  const fetchIt = async () => {
    loaded ??= await load()
    return loaded
  }
  waiting.push(fetchIt)
  return function Lazy(props: Props) {
    const [, redraw] = useState(0)
    const [failed, setFailed] = useState(false)
    const Component = loaded
    useEffect(() => {
      if (Component === undefined && !failed)
        fetchIt().then(
          () => redraw(1),
          () => setFailed(true),
        )
    }, [failed])
    if (Component !== undefined) return <Component {...props} />
    if (!failed) return <p class="muted">Loading…</p>
    return (
      <p role="alert">
        This part of the page could not be loaded.{' '}
        <button type="button" onClick={() => setFailed(false)}>
          Try again
        </button>
      </p>
    )
  }
}

/** Once the page stands: a dialog that is opened later is there at once, and also when the network is not. */
export function fetchTheRest(): void {
  for (const fetchIt of waiting.splice(0)) fetchIt().catch(() => undefined)
}
