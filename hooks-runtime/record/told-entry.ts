import type { JournalEntry } from '../../lib/record';
import { count, durationForPeople } from './report/text';

/** An entry in words, each one text of whoever caused it: data, to be made printable where it is shown. */
export interface ToldEntry {
  /** How it looks: `bad`, `quiet`, `milestone`, ... */
  readonly tone: string;
  readonly what: string;
  readonly who: string;
  readonly details: string;
}

/** What an entry says, for people. */
export function toldEntry(entry: JournalEntry): ToldEntry {
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
