import { useLayoutEffect, useReducer, useRef } from 'preact/hooks'

/** A value that components follow. Changes are whole new objects, so `===` tells whether a part of it moved. */
export interface Store<State extends object> {
  get(): State
  set(change: Partial<State>): void
  subscribe(listener: () => void): () => void
}

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial
  const listeners = new Set<() => void>()
  return {
    get: () => state,
    set(change) {
      state = { ...state, ...change }
      for (const listener of [...listeners]) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Draws the component again when, and only when, what `select` takes from the store is another value. */
export function useStore<State extends object, Part>(store: Store<State>, select: (state: State) => Part): Part {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const drawn = useRef<{ select: (state: State) => Part; part: Part } | null>(null)
  const part = select(store.get())
  drawn.current = { select, part }
  useLayoutEffect(() => {
    const compare = () => {
      const last = drawn.current
      if (last !== null && last.select(store.get()) !== last.part) redraw(undefined)
    }
    compare() // a change between drawing and subscribing would be missed otherwise
    return store.subscribe(compare)
  }, [store])
  return part
}
