import type { JournalEntry } from '../../../lib/record';
import { type Html, html } from './html';
import type { ReportContent } from './report-content';
import { count, durationForPeople, offsetForPeople, oneLine } from './text';

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
  const { tone, what, who, details } = told(entry);
  return html`<tr class="${tone}"><td class="number">${offsetForPeople(entry.at - began)}</td><td>${oneLine(what, 110)}</td><td>${oneLine(who, 70)}</td><td>${oneLine(details, LENGTH)}</td></tr>`;
}

/** Commands and pictures have entries of their own beside the events that hooks hear. */
function isToldElsewhere(entry: JournalEntry): boolean {
  if (entry.type === 'artifact') return entry.kind === 'screenshot';
  return entry.type === 'event' && (entry.name === 'command_started' || entry.name === 'command_finished');
}

interface Told {
  readonly tone: string;
  readonly what: string;
  readonly who: string;
  readonly details: string;
}

function told(entry: JournalEntry): Told {
  switch (entry.type) {
    case 'event':
      return { tone: `event ${toneOf(entry.name)}`, what: entry.name, who: entry.source, details: dataForPeople(entry.data) };
    case 'note':
      return { tone: 'note', what: 'note', who: entry.source, details: entry.text };
    case 'failure':
      return { tone: 'bad', what: entry.error.code, who: entry.hook, details: `${entry.error.doing}${entry.error.given === undefined ? '' : `: ${entry.error.given}`}` };
    case 'hook-attached':
      return { tone: 'quiet', what: 'hook attached', who: entry.name, details: entry.from };
    case 'hook-detached':
      return { tone: 'quiet', what: 'hook detached', who: entry.name, details: `${count(entry.calls, 'call')}, ${durationForPeople(entry.duration)}` };
    case 'command-started':
      return { tone: 'command', what: 'command begins', who: entry.source, details: entry.command };
    case 'command-ended':
      return { tone: entry.exitCode === 0 ? 'command' : 'command bad', what: 'command ends', who: `command ${entry.id}`, details: endOf(entry) };
    case 'artifact':
      return { tone: 'quiet', what: 'file kept', who: entry.source, details: entry.file };
  }
}

function endOf({ error, exitCode, signal, duration }: Extract<JournalEntry, { type: 'command-ended' }>): string {
  const end = error?.code ?? (exitCode === null ? `by ${signal ?? 'a signal'}` : `exit code ${exitCode}`);
  return `${end}, took ${durationForPeople(duration)}`;
}

const BAD: ReadonlySet<string> = new Set(['domain_crashed', 'host_lost', 'guest_unreachable']);

function toneOf(name: string): string {
  if (BAD.has(name)) return 'bad';
  return /^(run_started|run_ending|guest_ready)$/.test(name) ? 'milestone' : '';
}

function dataForPeople(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('  ');
}
