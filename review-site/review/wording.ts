import type { Criterion, Reason, RiskLevel, Verdict } from '../../core/dialogue/vocabulary.ts'

/** What the page calls things. Values of open vocabularies read as they are, with their underscores taken out. */

export const VERDICT_WORDS: Readonly<Record<Verdict, { name: string; did: string; sign: string }>> = {
  approved: { name: 'Approve', did: 'Approved', sign: '✓' },
  needs_revision: { name: 'Needs revision', did: 'Needs revision', sign: '✎' },
  rejected: { name: 'Reject', did: 'Rejected', sign: '✕' },
}

export const CRITERION_WORDS: Readonly<Record<Criterion, { name: string; asks: string }>> = {
  realistic: { name: 'Realistic', asks: 'a person could say this' },
  appropriate: { name: 'Appropriate', asks: 'tone, pace and boundaries fit' },
  techniques: { name: 'Techniques', asks: 'used well and at the right time' },
  safety: { name: 'Safety', asks: 'risk is seen and answered' },
  labels: { name: 'Labels', asks: 'they say what the text shows' },
}

export const REASON_WORDS: Readonly<Record<Reason, string>> = {
  unrealistic: 'Unrealistic',
  inappropriate: 'Inappropriate',
  safety_not_addressed: 'Safety not addressed',
  labels_incorrect: 'Labels incorrect',
  harmful: 'Harmful',
  minor_issues: 'Minor issues',
  labels_need_adjustment: 'Labels need adjustment',
  tone: 'Tone',
}

/** The shape says it too: risk must be readable without colour. */
export const RISK_SIGNS: Readonly<Record<RiskLevel, string>> = { none: '○', low: '◔', medium: '◑', high: '●' }

export const STATUS_WORDS: Readonly<Record<'pending' | 'disputed' | Verdict, string>> = {
  pending: 'Not reviewed',
  disputed: 'Disputed',
  approved: 'Approved',
  needs_revision: 'Needs revision',
  rejected: 'Rejected',
}

/** `work_life_balance` → `work life balance` */
export function plain(value: string): string {
  return value.replaceAll('_', ' ')
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}
