import type { BandTurns, Grade } from './metrics/bands.ts'
import type { AxisRow } from './metrics/quota-error.ts'
import type { PairMember, SimilarPair } from './metrics/similar-pairs.ts'
import type { QualityReport, ReportedMetric } from './report.ts'
import { counted, percent, written } from './report-page/figures.ts'
import type { Markup } from './report-page/markup.ts'
import { NOTHING, html, join } from './report-page/markup.ts'
import { columns, distributionBars, legend, strip } from './report-page/plots.ts'
import { STYLE } from './report-page/style.ts'

/**
 * The report as one page that needs nothing else: style inside, plots as inline SVG, no script. Text of the dataset is
 * escaped; a policy in the page forbids everything but its own style, should that ever fail.
 */
export function renderReportHtml(report: QualityReport, { title }: { title: string }): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Quality of ${title}</title>
        <style>
          ${{ markup: STYLE }}
        </style>
      </head>
      <body>
        <main>
          <h1>Quality of ${title}</h1>
          ${summary(report)} ${figures(report)} ${distribution(report)} ${plots(report)} ${findings(report)}
          ${memorised(report)} ${pairs(report.similar_pairs)} ${repetition(report)} ${howToRead(report)}
        </main>
      </body>
    </html> `
  return page.markup
}

function summary(report: QualityReport): Markup {
  const graded = report.metrics.filter(({ grade }) => grade !== 'ungraded')
  const missed = graded.filter(({ grade }) => grade === 'missed')
  const goals = graded.filter(({ grade }) => grade === 'goal').length
  return html`<p class="quiet">
      ${counted(report.dialogues, 'dialogue')}${report.seeds === 0 ? '' : `, held against ${counted(report.seeds, 'seed')}`},
      first ${report.turns} messages of each · rules ${report.rules_version}
    </p>
    <ul class="summary">
      <li>
        <strong class="${missed.length === 0 ? 'grade-goal' : 'grade-missed'}"
          >${graded.length - missed.length} of ${graded.length}</strong
        >
        figures pass their gate
      </li>
      <li><strong>${goals} of ${graded.length}</strong> reach their goal</li>
      <li>
        <strong class="${report.findings.errors === 0 ? 'grade-goal' : 'grade-missed'}"
          >${report.findings.errors}</strong
        >
        lint errors, ${counted(report.findings.warnings, 'warning')}
      </li>
      <li>
        <strong>${report.dialogues === 0 ? '–' : percent(report.findings.clean_dialogues / report.dialogues)}</strong>
        of the dialogues without either
      </li>
    </ul>
    ${missed.length === 0 ? NOTHING : html`<p>Below the gate: ${missed.map((metric) => metric.title).join(', ')}.</p>`}`
}

const GRADE_WORDS: Readonly<Record<Grade, string>> = {
  goal: '✓ reaches the goal',
  gate: '✓ passes the gate',
  missed: '✗ misses the gate',
  ungraded: 'not graded',
}

function figures(report: QualityReport): Markup {
  // What must be nought needs no scale.
  const zeros = report.metrics.filter(({ gate }) => gate === 0)
  const drawn = report.metrics.filter(({ gate }) => gate !== 0)
  return html`<section>
    <h2>Figures</h2>
    ${legend()}
    <div class="panel">${join(drawn.map((metric) => metricRow(metric, report.band_turns)))}</div>
    <div class="zeros">${join(zeros.map(zeroCard))}</div>
  </section>`
}

function metricRow(metric: ReportedMetric, turns: BandTurns): Markup {
  const { format, value, min, max, whole_set, gate, goal, grade } = metric
  const range = max - min > 1e-9 ? `${written(min, format)} – ${written(max, format)}` : ''
  const [human, llm] = [metric.human?.[turns], metric.llm?.[turns]]
  const bands =
    human === undefined || llm === undefined ? '' : `human ${written(human, format)}\nLLM ${written(llm, format)}`
  const bounds = [
    gate === undefined ? '' : `gate ${metric.better === 'lower' ? '≤' : '≥'} ${written(gate, format)}`,
    goal === undefined || goal === gate ? '' : `goal ${written(goal, format)}`,
  ].filter((part) => part !== '')
  return html`<article class="metric">
    <div>
      <h3>${metric.title}</h3>
      <p>${metric.explanation}</p>
    </div>
    <div>${strip(metric, turns)}</div>
    <div class="figure">
      <strong>${written(value, format)}</strong
      >${range === '' ? NOTHING : html`<br /><span class="quiet small">${range}</span>`}${
        whole_set === undefined
          ? NOTHING
          : html`<br /><span class="quiet small">whole set ${written(whole_set, format)}</span>`
      }
      ${bands === '' ? NOTHING : html`<span class="bounds quiet small">${bands}</span>`}
    </div>
    <div class="grade grade-${grade}">${GRADE_WORDS[grade]}<span class="bounds">${bounds.join('\n')}</span></div>
  </article>`
}

const ZERO_WORDS: Readonly<Record<Grade, string>> = {
  goal: '✓ as it must be',
  gate: '✓ as it must be',
  missed: '✗ must be 0',
  ungraded: 'not looked for',
}

function zeroCard({ title, explanation, value, format, grade }: ReportedMetric): Markup {
  return html`<article class="panel">
    <h3>${title}</h3>
    <p>${explanation}</p>
    <p>
      <strong>${written(value, format)}</strong>
      <span class="grade grade-${grade}">${ZERO_WORDS[grade]}</span>
    </p>
  </article>`
}

const AXIS_TITLES: Readonly<Record<AxisRow['axis'], string>> = {
  session_type: 'Session type',
  concern: 'Concern',
  risk: 'Risk level',
}

function distribution(report: QualityReport): Markup {
  const axes = ['session_type', 'concern', 'risk'] as const
  return html`<section>
    <h2>Distribution against the target</h2>
    <p class="quiet">Bars are dialogues, the upright mark is the quota.</p>
    <div class="axes">
      ${join(
        axes.map(
          (axis) =>
            html`<div class="panel">
              <h3>${AXIS_TITLES[axis]}</h3>
              ${distributionBars(report.distribution.filter((row) => row.axis === axis))}
            </div>`,
        ),
      )}
    </div>
  </section>`
}

function plots({ histograms, reply_words_mean }: QualityReport): Markup {
  return html`<section>
    <h2>How alike, how long</h2>
    <div class="plots">
      <div class="panel">
        ${columns(histograms.nearest_jaccard, {
          title: 'Nearest neighbour of each dialogue',
          unit: 'Jaccard index of five-word runs',
          places: 2,
          every: 4,
          marks: [
            { at: 0.06, name: '0.06' },
            { at: 0.1, name: '0.10' },
          ],
        })}
      </div>
      <div class="panel">
        ${columns(histograms.reply_words, {
          title: `Words of each reply, ${reply_words_mean.toFixed(1)} on average`,
          unit: 'Words',
          places: 0,
          every: 3,
        })}
      </div>
      <div class="panel">
        ${columns(histograms.messages, {
          title: 'Messages of each dialogue',
          unit: 'Messages, uncut',
          places: 0,
          every: 2,
        })}
      </div>
    </div>
  </section>`
}

function findings({ findings: found }: QualityReport): Markup {
  if (found.by_code.length === 0) {
    return html`<section>
      <h2>Findings of the lint</h2>
      <p>None: every rule is kept in every dialogue.</p>
    </section>`
  }
  return html`<section>
    <h2>Findings of the lint</h2>
    <p class="quiet">
      ${counted(found.errors, 'error')}, ${counted(found.warnings, 'warning')}, ${counted(found.infos, 'note')}. An
      error keeps a generated dialogue out; a warning asks a clinician to look.
    </p>
    <div class="panel wide">
      <table class="findings">
        <thead>
          <tr>
            <th scope="col">Severity</th>
            <th scope="col">Rule</th>
            <th scope="col" class="number">Found</th>
            <th scope="col" class="number">Dialogues</th>
            <th scope="col">What is wrong, and the first example</th>
          </tr>
        </thead>
        <tbody>
          ${join(
            found.by_code.map(
              ({ code, severity, count, dialogues, message, example }) =>
                html`<tr>
                  <td class="severity-${severity}">${severity}</td>
                  <td><code>${code}</code></td>
                  <td class="number">${count}×</td>
                  <td class="number">${dialogues}</td>
                  <td>
                    ${message}
                    <blockquote class="small">
                      <code>${example.dialogue_id}</code
                      >${example.turn === undefined ? '' : `, message ${example.turn + 1}`}${
                        example.excerpt === undefined ? '' : `: ${example.excerpt}`
                      }
                    </blockquote>
                  </td>
                </tr>`,
            ),
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function memorised({ memorised: runs, nearest_seed }: QualityReport): Markup {
  if (nearest_seed === undefined) return NOTHING
  return html`<section>
    <h2>Nearness to the seeds</h2>
    <p>
      Five-word runs shared with the nearest seed: 95 % of the dialogues share at most
      ${written(nearest_seed.p95, 'number')}, the nearest ${written(nearest_seed.max, 'number')}.
      ${
        runs.length === 0
          ? 'No turn holds eight words in a row of a seed.'
          : 'These turns hold eight or more words in a row of a seed:'
      }
    </p>
    ${
      runs.length === 0
        ? NOTHING
        : html`<div class="panel wide">
            <table>
              <thead>
                <tr>
                  <th scope="col">Dialogue</th>
                  <th scope="col">Seed</th>
                  <th scope="col" class="number">Words</th>
                  <th scope="col">The run</th>
                </tr>
              </thead>
              <tbody>
                ${join(
                  runs.map(
                    (run) =>
                      html`<tr>
                        <td><code>${run.dialogue_id}</code>, message ${run.turn + 1}</td>
                        <td><code>${run.seed_dialogue_id}</code></td>
                        <td class="number">${run.words}</td>
                        <td>${run.text}</td>
                      </tr>`,
                  ),
                )}
              </tbody>
            </table>
          </div>`
    }
  </section>`
}

function pairs(similar: readonly SimilarPair[]): Markup {
  if (similar.length === 0) {
    return html`<section>
      <h2>Most similar pairs</h2>
      <p>No two dialogues share five words in a row.</p>
    </section>`
  }
  return html`<section>
    <h2>Most similar pairs</h2>
    <p class="quiet">Marked words stand in runs of five or more in both.</p>
    ${join(
      similar.map(
        ({ jaccard, members }, at) =>
          html`<details class="panel" ${at === 0 ? { markup: ' open' } : NOTHING}>
            <summary>
              <span class="number">${written(jaccard, 'number')}</span> · <code>${members[0].dialogue_id}</code> and
              <code>${members[1].dialogue_id}</code>
            </summary>
            <div class="pair">${join(members.map(pairMember))}</div>
          </details>`,
      ),
    )}
  </section>`
}

function pairMember({ dialogue_id, turns }: PairMember): Markup {
  return html`<div>
    <h4><code>${dialogue_id}</code></h4>
    ${join(
      turns.map(
        ({ role, pieces }) =>
          html`<div class="turn turn-${role}">
            <b>${role === 'user' ? 'client' : 'assistant'}</b>${join(
              pieces.map(({ text, shared }) => (shared ? html`<mark>${text}</mark>` : html`${text}`)),
            )}
          </div>`,
      ),
    )}
  </div>`
}

function repetition({ repeated_sentences, openers, techniques }: QualityReport): Markup {
  const byText = techniques.text
  const byLabels = techniques.labels
  return html`<section>
    <h2>What comes back</h2>
    <div class="axes">
      <div class="panel">
        <h3>Most repeated sentences</h3>
        ${
          repeated_sentences.length === 0
            ? html`<p>No sentence of six or more words is said twice.</p>`
            : html`<table>
                <thead>
                  <tr>
                    <th scope="col" class="number">Times</th>
                    <th scope="col">Sentence</th>
                  </tr>
                </thead>
                <tbody>
                  ${join(
                    repeated_sentences.map(
                      ({ text, count }) =>
                        html`<tr>
                          <td class="number">${count}</td>
                          <td>${text}</td>
                        </tr>`,
                    ),
                  )}
                </tbody>
              </table>`
        }
      </div>
      <div class="panel">
        <h3>Commonest openings of replies</h3>
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">Replies</th>
              <th scope="col" class="number">Share</th>
              <th scope="col">First three words</th>
            </tr>
          </thead>
          <tbody>
            ${join(
              openers.map(
                ({ text, count, share }) =>
                  html`<tr>
                    <td class="number">${count}</td>
                    <td class="number">${percent(share)}</td>
                    <td>${text}</td>
                  </tr>`,
              ),
            )}
          </tbody>
        </table>
      </div>
      <div class="panel">
        <h3>Reflections and questions</h3>
        <table>
          <thead>
            <tr>
              <th scope="col">Counted by</th>
              <th scope="col" class="number">${byLabels.basis === 'labels' ? 'labels' : 'wording'}</th>
              <th scope="col" class="number">wording</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>Reflections</td>
              <td class="number">${byLabels.reflections}</td>
              <td class="number">${byText.reflections}</td>
            </tr>
            <tr>
              <td>Questions</td>
              <td class="number">${byLabels.questions}</td>
              <td class="number">${byText.questions}</td>
            </tr>
            <tr>
              <td>Reflections to questions</td>
              <td class="number">${byLabels.reflections_to_questions.toFixed(2)}</td>
              <td class="number">${byText.reflections_to_questions.toFixed(2)}</td>
            </tr>
            <tr>
              <td>Complex reflections</td>
              <td class="number">${percent(byLabels.complex_reflections)}</td>
              <td class="number">${percent(byText.complex_reflections)}</td>
            </tr>
            <tr>
              <td>Open questions</td>
              <td class="number">${percent(byLabels.open_questions)}</td>
              <td class="number">${percent(byText.open_questions)}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </div>
  </section>`
}

function howToRead({ notes, sample, duplicates }: QualityReport): Markup {
  const near = `${counted(duplicates.at_half, 'dialogue')} with a neighbour at a Jaccard index of 0.5 or more, ${duplicates.at_four_fifths} at 0.8.`
  return html`<section>
    <h2>How to read this</h2>
    <ul>
      ${join([...notes, `Over whole dialogues: ${near}`].map((note) => html`<li>${note}</li>`))}
      <li>
        Samples: ${sample.count} of ${sample.size}, drawn with seed ${sample.seed}. Definitions and sources of every
        figure: docs/guides/quality.md.
      </li>
    </ul>
  </section>`
}
