import type { JournalEntry } from '../../../lib/record';
import { type Html, html } from './html';
import { type Mark, type Span, lanesOf } from './overview-lanes';
import type { ReportContent } from './report-content';
import { durationForPeople, oneLine } from './text';

/** Units of the picture: it is drawn this wide and scaled to the page. */
const WIDTH = 1000;
const LABELS = 92;
/** Room for half of the last mark's text. */
const RIGHT = 24;
const LANE = 30;
const TOP = 6;

/** The run as a picture: when the sandbox was on, what ran, what was seen, on one axis of time. */
export function overview({ timeline, record: { run, lastEntryAt } }: ReportContent): Html | undefined {
  const entries: readonly JournalEntry[] = [...timeline.head, ...timeline.tail];
  const from = Date.parse(run.startedAt);
  const to = Math.max(from + 1, run.endedAt === undefined ? lastEntryAt ?? from : Date.parse(run.endedAt));
  const lanes = lanesOf(entries, from, to).filter(({ spans, marks }) => spans.length + marks.length > 0);
  if (lanes.length === 0) return undefined;
  const x = (at: number): number => rounded(LABELS + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (WIDTH - LABELS - RIGHT));
  const height = TOP + lanes.length * LANE + 26;
  return html`<section class="overview" aria-labelledby="overview">
<h2 id="overview">At a glance</h2>
<div class="scroll" tabindex="0" role="group" aria-label="Picture of the run; the timeline below tells the same in words">
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${lanes.map(({ label, spans, marks }) => `${label}: ${spans.length + marks.length}`).join(', ')}">
${ticks(to - from).map((tick) => html`<line class="grid" x1="${x(from + tick)}" x2="${x(from + tick)}" y1="${TOP}" y2="${height - 22}"/><text class="tick" x="${x(from + tick)}" y="${height - 7}">${tick === 0 ? '0' : durationOfTick(tick)}</text>`)}
${lanes.map(({ label, spans, marks }, index) => {
    const y = TOP + index * LANE;
    return html`<text class="lane" x="0" y="${y + 19}">${label}</text>${spans.map((span) => bar(span, x, y))}${marks.map((mark) => sign(mark, x, y))}`;
  })}
</svg>
</div>
</section>`;
}

function bar({ tone, from, to, title }: Span, x: (at: number) => number, y: number): Html {
  const width = Math.max(2, rounded(x(to) - x(from)));
  return html`<rect class="${tone}" x="${x(from)}" y="${y + 6}" width="${width}" height="${LANE - 12}" rx="3"><title>${oneLine(title, 200)}</title></rect>`;
}

function sign({ tone, at, title }: Mark, x: (at: number) => number, y: number): Html {
  return html`<circle class="${tone}" cx="${x(at)}" cy="${y + LANE / 2}" r="4.5"><title>${oneLine(title, 200)}</title></circle>`;
}

/** Steps between the marks of the axis, milliseconds. */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 1800e3, 3600e3, 7200e3, 21600e3, 86400e3];

function ticks(length: number): number[] {
  const step = STEPS.find((candidate) => length / candidate <= 9) ?? length;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}

function durationOfTick(milliseconds: number): string {
  if (milliseconds < 60_000 && milliseconds >= 1000) return `${milliseconds / 1000} s`;
  return milliseconds < 1000 ? `${milliseconds} ms` : durationForPeople(milliseconds).replace(' 00 s', '');
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
