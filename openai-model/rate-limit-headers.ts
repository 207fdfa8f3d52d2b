import type { ObservedLimit, ObservedLimits } from '../core/generate/openai/dialogue-model.ts'

/** What `x-ratelimit-*` headers tell; empty where there are none, or none that makes sense (Azure: -1). */
export function observedLimits(headers: Headers | undefined): { limits?: ObservedLimits } {
  if (headers === undefined) return {}
  const requests = limitOf(headers, 'requests')
  const tokens = limitOf(headers, 'tokens')
  if (requests === undefined && tokens === undefined) return {}
  return { limits: { ...(requests === undefined ? {} : { requests }), ...(tokens === undefined ? {} : { tokens }) } }
}

function limitOf(headers: Headers, of: 'requests' | 'tokens'): ObservedLimit | undefined {
  const limit = numberOf(headers.get(`x-ratelimit-limit-${of}`))
  const remaining = numberOf(headers.get(`x-ratelimit-remaining-${of}`))
  if (limit === undefined || remaining === undefined || limit <= 0 || remaining < 0) return undefined
  const full_in_ms = durationOf(headers.get(`x-ratelimit-reset-${of}`))
  return { limit, remaining, ...(full_in_ms === undefined ? {} : { full_in_ms }) }
}

function numberOf(text: string | null): number | undefined {
  return text === null || text.trim() === '' || !Number.isFinite(Number(text)) ? undefined : Number(text)
}

const UNITS = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }

/** `1h2m3s`, `8.64s`, `120ms` as OpenAI writes it, or plain seconds; in milliseconds. */
export function durationOf(text: string | null): number | undefined {
  if (text === null) return undefined
  const seconds = numberOf(text)
  if (seconds !== undefined) return seconds >= 0 ? seconds * 1000 : undefined
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined
  let ms = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    ms += Number(amount) * (unit === 'h' || unit === 'm' || unit === 's' || unit === 'ms' ? UNITS[unit] : 0)
  return ms
}

/** How long the service asks to wait, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfter(headers: Headers | undefined, now: number): number | undefined {
  const ms = numberOf(headers?.get('retry-after-ms') ?? null)
  if (ms !== undefined && ms >= 0) return ms
  const text = headers?.get('retry-after') ?? null
  const seconds = numberOf(text)
  if (seconds !== undefined) return seconds >= 0 ? seconds * 1000 : undefined
  const at = text === null ? NaN : Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
