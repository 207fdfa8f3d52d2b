import type { BandTurns } from '../metrics/bands.ts'
import type { Histogram } from '../metrics/histogram.ts'
import type { AxisRow } from '../metrics/quota-error.ts'
import type { ReportedMetric } from '../report.ts'
import { written } from './figures.ts'
import type { Markup } from './markup.ts'
import { NOTHING, html, join } from './markup.ts'

/*
 * Plots without a view box: x in percent of whatever width there is, y in pixels. So they fit a telephone and a wide
 * screen without a script, and neither dots nor letters are stretched.
 */

const STRIP_HEIGHT = 40
const MIDDLE = 15

/** One figure on its scale: what passes, the reference sets, and the value with its lowest and highest sample. */
export function strip(metric: ReportedMetric, turns: BandTurns): Markup {
  const { value, min, max, gate, goal, better, format, title } = metric
  const human = metric.human?.[turns]
  const llm = metric.llm?.[turns]
  const highest = Math.max(value, max, gate ?? 0, goal ?? 0, human ?? 0, llm ?? 0)
  // A scale of nothing but zeros still needs a width.
  const top = highest <= 0 ? 1 : highest * 1.12
  const x = (at: number): string => `${((Math.min(top, Math.max(0, at)) / top) * 100).toFixed(2)}%`
  const said = [
    `${title}: ${written(value, format)}`,
    human === undefined ? '' : `human ${written(human, format)}`,
    llm === undefined ? '' : `language model ${written(llm, format)}`,
    gate === undefined ? '' : `gate ${written(gate, format)}`,
    goal === undefined ? '' : `goal ${written(goal, format)}`,
  ]
  const passes =
    gate === undefined
      ? NOTHING
      : better === 'lower'
        ? html`<rect class="passes" x="0" y="5" width="${x(gate)}" height="20" />`
        : html`<rect class="passes" x="${x(gate)}" y="5" width="${x(top - gate)}" height="20" />`
  return html`<svg
    class="strip"
    role="img"
    aria-label="${said.filter((part) => part !== '').join(', ')}"
    width="100%"
    height="${STRIP_HEIGHT}"
  >
    ${passes}
    <line class="scale" x1="0" y1="25" x2="100%" y2="25" />
    <text x="0" y="38">0</text>
    <text x="100%" y="38" text-anchor="end">${written(top, format)}</text>
    ${gate === undefined ? NOTHING : html`<line class="gate" x1="${x(gate)}" y1="2" x2="${x(gate)}" y2="28" />`}
    ${goal === undefined || goal === gate ? NOTHING : html`<line class="goal" x1="${x(goal)}" y1="5" x2="${x(goal)}" y2="25" />`}
    ${human === undefined ? NOTHING : svgAt(x(human), html`<circle class="human" cx="0" cy="${MIDDLE}" r="5" />`)}
    ${llm === undefined ? NOTHING : svgAt(x(llm), html`<rect class="llm" x="-4.5" y="${MIDDLE - 4.5}" width="9" height="9" />`)}
    ${max > min ? html`<line class="whisker" x1="${x(min)}" y1="${MIDDLE}" x2="${x(max)}" y2="${MIDDLE}" />` : NOTHING}
    ${svgAt(x(value), html`<path class="value" d="M0 ${MIDDLE - 7}L6 ${MIDDLE}L0 ${MIDDLE + 7}L-6 ${MIDDLE}Z" />`)}
  </svg>`
}

/** Pixels around a point that is given in percent. */
function svgAt(x: string, inside: Markup): Markup {
  return html`<svg x="${x}" y="0" overflow="visible">${inside}</svg>`
}

export function legend(): Markup {
  const sign = (inside: Markup): Markup => html`<svg width="18" height="18" aria-hidden="true">${inside}</svg>`
  return html`<ul class="legend">
    <li>${sign(html`<path class="value" d="M9 2L15 9L9 16L3 9Z" />`)} this set, with the lowest and highest sample</li>
    <li>${sign(html`<circle class="human" cx="9" cy="9" r="5" />`)} human dialogues</li>
    <li>${sign(html`<rect class="llm" x="4.5" y="4.5" width="9" height="9" />`)} a language model’s dialogues</li>
    <li>
      ${sign(html`<rect class="passes" width="18" height="18" /><line class="gate" x1="17" y1="0" x2="17" y2="18" />`)}
      passes the gate
    </li>
    <li>${sign(html`<line class="goal" x1="9" y1="0" x2="9" y2="18" />`)} goal</li>
  </ul>`
}

const ROW = 26

/** Bars of one axis of the distribution, with a mark at each quota. */
export function distributionBars(rows: readonly AxisRow[]): Markup {
  const highest = Math.max(1, ...rows.map(({ count, quota }) => Math.max(count, quota)))
  const x = (count: number): string => `${((count / highest) * 100).toFixed(2)}%`
  return html`<div class="bars">
    ${join(
      rows.map(
        ({ value, count, quota }) =>
          html`<div class="bar">
            <span class="bar-name">${value}</span>
            <svg role="img" aria-label="${value}: ${count} of a quota of ${quota}" width="100%" height="${ROW - 8}">
              <rect class="bar-fill" x="0" y="2" width="${x(count)}" height="${ROW - 12}" rx="2" />
              <line class="quota" x1="${x(quota)}" y1="0" x2="${x(quota)}" y2="${ROW - 8}" />
            </svg>
            <span class="bar-number">${count} <span class="quiet">of ${quota}</span></span>
          </div>`,
      ),
    )}
  </div>`
}

/** Columns with the border of every few bins written below; the last column holds all that lies beyond. */
export function columns(
  { width, counts }: Histogram,
  about: {
    title: string
    unit: string
    places: number
    every: number
    marks?: readonly { at: number; name: string }[]
  },
): Markup {
  const highest = Math.max(1, ...counts)
  const step = 100 / counts.length
  const height = 120
  const x = (value: number): string => `${Math.min(100, (value / width) * step).toFixed(2)}%`
  return html`<figure class="columns">
    <figcaption>${about.title}</figcaption>
    <svg role="img" aria-label="${about.title}: ${spoken(counts, width, about)}" width="100%" height="${height + 22}">
      ${join(
        counts.map((count, bin) => {
          const tall = (count / highest) * (height - 16)
          return count === 0
            ? NOTHING
            : html`<rect
                class="bar-fill"
                x="${(bin * step + step * 0.08).toFixed(2)}%"
                y="${(height - tall).toFixed(1)}"
                width="${(step * 0.84).toFixed(2)}%"
                height="${tall.toFixed(1)}"
                rx="1.5"
              />`
        }),
      )}
      <line class="scale" x1="0" y1="${height}" x2="100%" y2="${height}" />
      ${join(
        (about.marks ?? []).map(
          ({ at, name }) =>
            html`<line class="gate" x1="${x(at)}" y1="0" x2="${x(at)}" y2="${height}" />
              <text class="mark" x="${x(at)}" y="10" dx="-5" text-anchor="end">${name}</text>`,
        ),
      )}
      ${join(
        counts.map((_, bin) =>
          bin % about.every !== 0
            ? NOTHING
            : html`<text
                x="${(bin * step).toFixed(2)}%"
                y="${height + 15}"
                text-anchor="${bin === 0 ? 'start' : 'middle'}"
                >${(bin * width).toFixed(about.places)}${bin === counts.length - 1 ? '+' : ''}</text
              >`,
        ),
      )}
    </svg>
    <p class="quiet">${about.unit}; tallest column ${highest}</p>
  </figure>`
}

function spoken(counts: readonly number[], width: number, { places }: { places: number }): string {
  return counts
    .map((count, bin) => (count === 0 ? '' : `${(bin * width).toFixed(places)}: ${count}`))
    .filter((part) => part !== '')
    .join(', ')
}
