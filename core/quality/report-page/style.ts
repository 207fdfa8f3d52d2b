/** Light and dark by the reader's own setting; colours hold 4.5:1 for text and 3:1 for marks on both grounds. */
export const STYLE = `
:root { color-scheme: light dark; --ground:#fbfaf7; --panel:#fff; --ink:#1d2327; --quiet:#5a646b; --line:#d9d6cd;
  --value:#1f5fa8; --human:#24704a; --llm:#a4501a; --passes:#e3efe3; --gate:#6b7280; --goal:#24704a;
  --good:#1d6b42; --fair:#6d5300; --bad:#b3261e; --mark:#fbe4a0; --bar:#8fb2dc; }
@media (prefers-color-scheme: dark) { :root { --ground:#15191c; --panel:#1d2327; --ink:#e8e6e1; --quiet:#a5aeb5;
  --line:#39424a; --value:#8ab8f5; --human:#6fc597; --llm:#f0a36b; --passes:#203529; --gate:#9aa3ab; --goal:#6fc597;
  --good:#7fd3a3; --fair:#e3c566; --bad:#ff9a90; --mark:#5c4a12; --bar:#3f6ea5; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere }
h2 { font-size: 1.2rem; margin: 2.75rem 0 .5rem }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem }
p { margin: .25rem 0 .75rem; max-width: 68ch }
.quiet { color: var(--quiet) }
.small { font-size: .875rem }
.number, .bar-number { font-variant-numeric: tabular-nums }
.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none }
.summary li { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem }
.summary strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem }
.zeros { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem; margin-top: .75rem }
.zeros article p { margin: 0; font-size: .8125rem; line-height: 1.35; color: var(--quiet) } .zeros h3 { margin: 0 } .zeros strong { font-size: 1.125rem }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0 1rem; padding: 0; list-style: none; font-size: .875rem }
.legend li { display: flex; align-items: center; gap: .4rem }
.metric { display: grid; grid-template-columns: minmax(13rem, 18rem) 1fr 8.5rem 11rem; gap: .25rem 1.25rem; align-items: center; padding: .7rem 0; border-top: 1px solid var(--line) }
.metric:first-of-type { border-top: 0 }
.metric h3 { margin: 0 }
.metric p { margin: 0; font-size: .8125rem; line-height: 1.35; color: var(--quiet) }
.metric .figure strong { font-size: 1.125rem }
.metric .figure { line-height: 1.4; font-variant-numeric: tabular-nums }
.grade { font-size: .875rem; font-weight: 600 }
.bounds { display: block; white-space: pre-line }
.grade .bounds { font-weight: 400; color: var(--quiet); font-variant-numeric: tabular-nums }
.grade-goal { color: var(--good) } .grade-gate { color: var(--fair) } .grade-missed, .severity-error { color: var(--bad) }
.severity-warning { color: var(--fair) } .severity-info { color: var(--quiet) }
svg { display: block; overflow: visible }
svg text { fill: var(--quiet); font-size: 12px; font-family: inherit }
.passes { fill: var(--passes) } .scale { stroke: var(--line); stroke-width: 1 }
.gate { stroke: var(--gate); stroke-width: 1.5; stroke-dasharray: 4 3 } .goal { stroke: var(--goal); stroke-width: 2 }
.value { fill: var(--value); stroke: var(--panel); stroke-width: 1.5 } .whisker { stroke: var(--value); stroke-width: 3; stroke-linecap: round; opacity: .55 }
.human { fill: var(--panel); stroke: var(--human); stroke-width: 2 } .llm { fill: var(--panel); stroke: var(--llm); stroke-width: 2 }
.bar-fill { fill: var(--bar) } .quota { stroke: var(--ink); stroke-width: 2 }
.bar { display: grid; grid-template-columns: 7rem 1fr 5.5rem; gap: .75rem; align-items: center; min-height: 26px; font-size: .9375rem }
.axes, .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem }
.axes h3 { margin-top: 0 }
.columns { margin: 0 } .columns figcaption { font-weight: 600; margin-bottom: .5rem } .columns .quiet { font-size: .8125rem; margin: .25rem 0 0 }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .9375rem }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line) }
thead th { border-top: 0; font-size: .8125rem; color: var(--quiet); font-weight: 600 }
td.number, th.number { text-align: right; white-space: nowrap }
code { font-family: ui-monospace, monospace; font-size: .875em; overflow-wrap: anywhere }
blockquote { margin: .25rem 0 0; padding-left: .75rem; border-left: 3px solid var(--line); color: var(--quiet); overflow-wrap: anywhere }
details.panel { margin: .5rem 0; padding: .5rem 1rem } details[open] { padding-bottom: 1rem } summary { cursor: pointer; padding: .25rem 0 } summary:focus-visible { outline: 2px solid var(--value); outline-offset: 2px }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
.pair h4 { margin: 0 0 .5rem; font-size: .875rem; overflow-wrap: anywhere }
.turn { margin: 0 0 .5rem; padding: .4rem .6rem; border-radius: .4rem; font-size: .9375rem; line-height: 1.45; overflow-wrap: anywhere }
.turn-user { background: var(--ground) } .turn-assistant { border: 1px solid var(--line) }
.turn b { display: block; font-size: .75rem; color: var(--quiet); font-weight: 600 }
mark { background: var(--mark); color: inherit; border-radius: .15rem }
@media (max-width: 56rem) { .metric { grid-template-columns: 1fr 1fr } .metric > :nth-child(1), .metric > :nth-child(2) { grid-column: 1 / -1 } }
@media (max-width: 44rem) { .pair { grid-template-columns: 1fr } .bar { grid-template-columns: 6.5rem 1fr 5.5rem; gap: .5rem; font-size: .875rem }
  .findings thead { display: none } .findings tr { display: block; border-top: 1px solid var(--line); padding: .5rem 0 } .findings td { display: inline; border: 0; padding: 0 .5rem 0 0 } .findings td:last-child { display: block } }
@media print { body { background: #fff } details { display: block } .panel { break-inside: avoid } }
`
