import type { JournalEntry } from '../../../lib/record';
import { type Html, html } from './html';
import type { ReportContent } from './report-content';
import { toldEntry } from '../told-entry';
import { count, offsetForPeople, oneLine } from './text';

/** Characters of what one entry says. */
const LENGTH = 300;

/** All that happened, in order. */
export function timelineSection({ timeline: { head, omitted, tail, unreadable }, record: { run } }: ReportContent): Html {
  const began = Date.parse(run.startedAt);
  const rows = (entries: readonly JournalEntry[]): Html[] => entries.filter((entry) => !isToldElsewhere(entry)).map((entry) => row(entry, began));
  return html`<section class="timeline" aria-labelledby="timeline">
<h2 id="timeline">Timeline <small>seconds since the run began</small></h2>
<table>
<thead><tr><th scope="col" class="number">Time</th><th scope="col">What</th><th scope="col">Who</th><th scope="col">Details</th></tr></thead>
<tbody>${rows(head)}
${omitted > 0 && html`<tr class="gap"><td colspan="4">${count(omitted, 'entry').replace('entrys', 'entries')} left out here: see <code>events.ndjson</code></td></tr>`}
${rows(tail)}</tbody>
</table>
${unreadable > 0 && html`<p class="note">${count(unreadable, 'line')} of <code>events.ndjson</code> could not be read: the last one of a run that was killed may be torn.</p>`}
</section>`;
}

function row(entry: JournalEntry, began: number): Html {
  const { tone, what, who, details } = toldEntry(entry);
  return html`<tr class="${tone}"><td class="number">${offsetForPeople(entry.at - began)}</td><td>${oneLine(what, 110)}</td><td>${oneLine(who, 70)}</td><td>${oneLine(details, LENGTH)}</td></tr>`;
}

/** Commands and pictures have entries of their own beside the events that hooks hear. */
function isToldElsewhere(entry: JournalEntry): boolean {
  if (entry.type === 'artifact') return entry.kind === 'screenshot';
  return entry.type === 'event' && (entry.name === 'command_started' || entry.name === 'command_finished');
}
