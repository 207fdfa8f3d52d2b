/**
 * Browser storage that may be full, switched off or hold what an older page wrote: then it is as if it were empty.
 * Nothing that the page needs to be correct lives here alone.
 */
export interface KeyValue {
  read(key: string): string | undefined
  write(key: string, value: string): void
  remove(key: string): void
  keys(prefix: string): string[]
}

export function keyValueOver(storage: () => Storage): KeyValue {
  const attempt = <T>(act: (storage: Storage) => T, otherwise: T): T => {
    try {
      return act(storage())
    } catch {
      return otherwise
    }
  }
  return {
    read: (key) => attempt((store) => store.getItem(key) ?? undefined, undefined),
    write: (key, value) => attempt((store) => store.setItem(key, value), undefined),
    remove: (key) => attempt((store) => store.removeItem(key), undefined),
    keys: (prefix) => attempt((store) => Object.keys(store).filter((key) => key.startsWith(prefix)), []),
  }
}

export const local = keyValueOver(() => window.localStorage)
export const perTab = keyValueOver(() => window.sessionStorage)

/** The object in a stored JSON, or undefined. The caller narrows each field. */
export function parseObject(json: string | undefined): Record<string, unknown> | undefined {
  if (json === undefined) return undefined
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
