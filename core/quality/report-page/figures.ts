import type { MetricDescription } from '../metrics/bands.ts'

/** A value as it is written in this report: 3 significant places for ratios, whole counts, percents to a tenth. */
export function written(value: number, format: MetricDescription['format']): string {
  if (!Number.isFinite(value)) return '–'
  if (format === 'count') return Math.round(value).toLocaleString('en-US')
  if (format === 'percent') return `${(value * 100).toFixed(1)} %`
  return value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toFixed(3)
}

export function percent(share: number, places = 1): string {
  return `${(share * 100).toFixed(places)} %`
}

/** `1 dialogue`, `2 dialogues`, `1,200 dialogues` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}
