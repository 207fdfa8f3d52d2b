import { useCallback, useEffect, useState } from 'preact/hooks'
import { messageOf } from '../api/client.ts'

export interface Loaded<Value> {
  value: Value | undefined
  /** Why the last attempt failed; a value that was loaded before stays. */
  problem: string | undefined
  reload: () => void
}

/**
 * Loads at once, when the tab is seen again, and every `everyMs` of the value while it is visible; never again where
 * that is undefined. `key` says what is loaded.
 */
export function useLoaded<Value>(
  key: string,
  load: () => Promise<Value>,
  everyMs: (value: Value | undefined) => number | undefined = () => undefined,
): Loaded<Value> {
  const [value, setValue] = useState<Value>()
  const [problem, setProblem] = useState<string>()
  const [round, setRound] = useState(0)
  const reload = useCallback(() => setRound((last) => last + 1), [])

  useEffect(() => {
    let wanted = true
    load().then(
      (loaded) => {
        if (!wanted) return
        setValue(loaded)
        setProblem(undefined)
      },
      (cause: unknown) => wanted && setProblem(messageOf(cause)),
    )
    return () => {
      wanted = false
    }
  }, [key, round])

  const pause = everyMs(value)
  useEffect(() => {
    if (pause === undefined) return
    const again = () => document.visibilityState === 'visible' && reload()
    const timer = setInterval(again, pause)
    document.addEventListener('visibilitychange', again)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', again)
    }
  }, [pause, reload])

  return { value, problem, reload }
}
