/** The style sheet of a report. Fonts are those of the system: a report loads nothing. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfcfb; --card: #ffffff; --ink: #1b1d21; --soft: #5c626c; --line: #e3e4e1; --code: #f4f4f1;
  --good: #14713d; --good-back: #e3f4e9; --bad: #b3261e; --bad-back: #fcebe9; --warn: #7a5200; --warn-back: #fdf3d8; --calm: #2f5fb3; --calm-back: #e8effb;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "Noto Sans Mono", "DejaVu Sans Mono", monospace;
  --tone: var(--calm); --tone-back: var(--calm-back);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131518; --card: #1a1d21; --ink: #e7e8ea; --soft: #9ba1ab; --line: #2c3037; --code: #14171a;
    --good: #6bd49a; --good-back: #14301f; --bad: #ff9389; --bad-back: #3a1b19; --warn: #f0c566; --warn-back: #33290f; --calm: #94b8f7; --calm-back: #1a2840;
  }
}
.completed { --tone: var(--good); --tone-back: var(--good-back); }
.failed { --tone: var(--bad); --tone-back: var(--bad-back); }
.interrupted { --tone: var(--warn); --tone-back: var(--warn-back); }

*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 var(--sans); border-top: 5px solid var(--tone); overflow-wrap: anywhere; }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2rem; }
h1, h2, h3, p, dl, dd, figure, pre { margin: 0; }
a { color: var(--calm); text-underline-offset: .18em; }
:focus-visible { outline: 2px solid var(--calm); outline-offset: 2px; }
code, pre { font-family: var(--mono); font-size: .87em; font-variant-ligatures: none; }
small { font-weight: 400; font-size: .82em; color: var(--soft); }

.brand { font-weight: 650; letter-spacing: .01em; font-size: .95rem; }
.brand span { color: var(--soft); font-weight: 400; }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.25rem; margin-top: 1.1rem; }
h1 { font-size: clamp(1.8rem, 1.2rem + 2.6vw, 2.75rem); line-height: 1.15; letter-spacing: -.022em; font-weight: 680; }
.verdict { display: inline-flex; align-items: center; gap: .4rem; padding: .3rem .95rem .3rem .6rem; border-radius: 99px; background: var(--tone-back); color: var(--tone); font-weight: 650; font-size: 1.05rem; }
.verdict svg { width: 1.35rem; height: 1.35rem; fill: none; stroke: currentColor; stroke-width: 2.4; stroke-linecap: round; stroke-linejoin: round; }
header > .command { margin-top: .8rem; font-size: 1.05rem; max-height: 14rem; overflow: auto; }
header > .command code { white-space: pre-wrap; }
header > .command code::before { content: "$ "; color: var(--soft); }
header > .command.none { color: var(--soft); font-size: 1rem; }
.meaning { margin-top: .55rem; color: var(--soft); }

.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1rem 1.5rem; margin: 1.6rem 0 0; padding: 1.1rem 0; border-block: 1px solid var(--line); font-variant-numeric: tabular-nums; }
.facts dt, .pairs dt { font-size: .8rem; color: var(--soft); }
.facts dd { font-weight: 560; line-height: 1.35; margin-top: .1rem; }
.facts small { display: block; }
.isolation { margin-top: 1.1rem; padding: .7rem 1rem; border-radius: 8px; border-left: 4px solid var(--good); background: var(--good-back); }
.isolation.emulation, .isolation.container { border-color: var(--warn); background: var(--warn-back); }

section { margin-top: 2.75rem; }
h2 { font-size: 1.25rem; letter-spacing: -.01em; line-height: 1.3; margin-bottom: .8rem; }
h2 small { margin-left: .4rem; }
.note { color: var(--soft); font-size: .92rem; }

.error { padding: .85rem 1.1rem; border-radius: 8px; background: var(--bad-back); border-left: 4px solid var(--bad); }
.error + .error { margin-top: .7rem; }
.error h3 { font-size: 1rem; font-weight: 560; line-height: 1.4; white-space: pre-wrap; }
.error h3 code { color: var(--bad); font-weight: 700; font-size: .92em; margin-right: .5em; }
.error dl { margin-top: .5rem; font-size: .93rem; }
.error dl div { display: grid; grid-template-columns: 5.2rem 1fr; gap: .6rem; }
.error dt { color: var(--soft); }
.error dd { white-space: pre-wrap; max-height: 20rem; overflow: auto; }

.scroll { overflow-x: auto; }
.overview svg { display: block; width: 100%; min-width: 40rem; height: auto; }
.overview text { font: 13px var(--sans); fill: var(--ink); }
.overview .tick { fill: var(--soft); font-size: 11.5px; text-anchor: middle; font-variant-numeric: tabular-nums; }
.overview .grid { stroke: var(--line); }
.overview .on { fill: var(--calm); opacity: .3; }
.overview .paused { fill: var(--warn); opacity: .35; }
.overview .good { fill: var(--good); }
.overview .bad { fill: var(--bad); }
.overview .open { fill: var(--warn); }
.overview .picture { fill: var(--calm); }
.overview .event { fill: var(--soft); }

.badge { display: inline-block; padding: .08rem .55rem; border-radius: 5px; font: 600 .78rem/1.5 var(--mono); white-space: nowrap; background: var(--calm-back); color: var(--calm); }
.badge.good { background: var(--good-back); color: var(--good); }
.badge.bad { background: var(--bad-back); color: var(--bad); }
.badge.open { background: var(--warn-back); color: var(--warn); }

summary { cursor: pointer; }
details.command { border: 1px solid var(--line); border-radius: 8px; background: var(--card); overflow: clip; }
details.command + details.command { margin-top: .8rem; }
details.command > summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem .75rem; padding: .6rem .95rem; }
details.command > summary::before { content: "▸"; color: var(--soft); }
details.command[open] > summary::before { content: "▾"; }
details.command > summary::-webkit-details-marker { display: none; }
details.command > summary code { flex: 1 1 14rem; font-weight: 600; }
details.command .aside { color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; }
details.command > .note, details.command > .error { margin: 0 .95rem .8rem; }
.output { border-top: 1px solid var(--line); }
.output figcaption { padding: .35rem .95rem 0; font-size: .8rem; color: var(--soft); background: var(--code); }
.output figcaption span { font-family: var(--mono); font-weight: 600; }
.output.stderr figcaption span { color: var(--warn); }
pre { padding: .45rem .95rem .85rem; background: var(--code); overflow: auto; max-height: 28rem; white-space: pre-wrap; line-height: 1.5; tab-size: 8; contain: paint; unicode-bidi: isolate; }
.cut { color: var(--warn); font-style: normal; }

.pictures .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.1rem; }
.pictures figure { border: 1px solid var(--line); border-radius: 8px; overflow: clip; background: var(--card); }
.pictures img, .missing { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: contain; background: #000; }
.missing { display: grid; place-items: center; padding: 1rem; background: var(--code); font-size: .9rem; }
.pictures figcaption { padding: .45rem .8rem; font-size: .88rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.pictures figcaption b { color: var(--ink); font-weight: 600; margin-right: .35rem; }

table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th { text-align: left; font-weight: 560; }
thead th { font-size: .8rem; font-weight: 400; color: var(--soft); border-bottom: 1px solid var(--line); padding: 0 .9rem .35rem 0; white-space: nowrap; }
tbody th, td { padding: .42rem .9rem .42rem 0; vertical-align: baseline; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.number + td, .number + th { padding-left: 1rem; }
.hooks .more td { padding-top: 0; }
.hooks .more summary { color: var(--soft); }
.hooks .more .when { margin: .7rem 0 .25rem; font-size: .88rem; color: var(--soft); }
tr:has(+ .more) > * { border-bottom: 0; }
.timeline table { font-size: .88rem; }
.timeline th.number, .timeline td.number { width: 5.5rem; color: var(--soft); }
.timeline td { padding-block: .26rem; }
.timeline td:nth-child(2) { font-weight: 560; min-width: 9rem; }
.timeline td:nth-child(3) { color: var(--soft); min-width: 6rem; }
.timeline td:nth-child(4) { font-family: var(--mono); font-size: .84em; color: var(--soft); width: 55%; }
.timeline .quiet td:nth-child(2), .timeline .note td:nth-child(2) { font-weight: 400; color: var(--soft); }
.timeline .note td:nth-child(4), .timeline .command td:nth-child(4) { color: var(--ink); }
.timeline .milestone td:nth-child(2) { color: var(--calm); }
.timeline .bad td:nth-child(n+2) { color: var(--bad); }
.timeline .gap td { text-align: center; color: var(--warn); }

.pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: .8rem 2rem; margin-bottom: 1.1rem; }
.item { display: block; }
.sandbox details pre { margin-top: .6rem; border: 1px solid var(--line); border-radius: 8px; padding-top: .85rem; }
footer { margin-top: 3.5rem; padding-block: 1.2rem 3rem; color: var(--soft); font-size: .87rem; }
footer p { border-top: 1px solid var(--line); padding-top: 1.1rem; max-width: none; }

@media (max-width: 40rem) {
  header, main, footer { padding-inline: 1rem; }
  table, tbody { display: block; }
  .timeline thead, .hooks thead, .files thead { position: absolute; clip-path: inset(50%); }
  .files tbody th, .files td { display: block; }
  .files tr { display: block; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .timeline tr, .hooks tr { display: grid; grid-template-columns: minmax(4.2rem, max-content) minmax(0, 1fr); gap: 0 .8rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .timeline td, .timeline td.number, .timeline td:nth-child(n), .hooks td, .hooks tbody th, .files td, .files tbody th { border: 0; padding: 0; width: auto; min-width: 0; text-align: left; }
  .timeline td:nth-child(3) { grid-column: 2; }
  .hooks td:nth-child(3)::after { content: " calls"; }
  .hooks td:nth-child(4) { grid-column: 1 / -1; }
  .timeline td:nth-child(4), .hooks tbody th, .hooks td:nth-child(5), .more td { grid-column: 1 / -1; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --code: #fff; --ink: #000; --soft: #444; --line: #bbb; }
  body { font-size: 10.5pt; }
  header, main, footer { max-width: none; padding-inline: 0; }
  pre, .error dd, header > .command { max-height: none; overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
  figure, .error, tr, details.command > summary { break-inside: avoid; }
  h2 { break-after: avoid; }
  .pictures .grid { grid-template-columns: repeat(2, 1fr); }
  .verdict, .badge, .isolation, .error, .overview rect, .overview circle { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
