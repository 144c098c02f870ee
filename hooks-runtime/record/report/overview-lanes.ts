import type { JournalEntry } from '../../../lib/record';

/** Something that lasts; times in milliseconds since 1970. */
export interface Span {
  readonly tone: string;
  readonly from: number;
  readonly to: number;
  readonly title: string;
}

/** Something that happens. */
export interface Mark {
  readonly tone: string;
  readonly at: number;
  readonly title: string;
}

export interface Lane {
  readonly label: string;
  readonly spans: readonly Span[];
  readonly marks: readonly Mark[];
}

/** Signs of one lane beyond which a picture shows nothing any more. */
const MOST = 400;

/** What happened in a run, ordered for a picture. */
export function lanesOf(entries: readonly JournalEntry[], from: number, to: number): Lane[] {
  return [
    { label: 'Power', spans: powerSpans(entries, from, to), marks: [] },
    { label: 'Guest', spans: [], marks: marksOf(entries, (entry) => (entry.type === 'event' && /^(guest_|domain_crashed|host_lost)/.test(entry.name) ? { tone: entry.name === 'guest_ready' ? 'good' : 'bad', title: entry.name } : undefined)) },
    { label: 'Commands', spans: commandSpans(entries, to), marks: [] },
    { label: 'Screen', spans: [], marks: marksOf(entries, (entry) => (entry.type === 'event' && entry.name === 'screenshot_taken' ? { tone: 'picture', title: `picture, ${String(entry.data['reason'])}` } : undefined)) },
    { label: 'Hooks', spans: [], marks: marksOf(entries, ofHooks) },
  ].map((lane) => ({ ...lane, spans: lane.spans.slice(0, MOST), marks: lane.marks.slice(0, MOST) }));
}

const RUNTIME: ReadonlySet<string> = new Set(['lifecycle', 'libvirt', 'guest', 'run']);

function ofHooks(entry: JournalEntry): Omit<Mark, 'at'> | undefined {
  if (entry.type === 'failure') return { tone: 'bad', title: `${entry.hook}: ${entry.error.code}` };
  if (entry.type !== 'event' || RUNTIME.has(entry.source) || /^(screenshot_taken|command_)/.test(entry.name)) return undefined;
  return { tone: 'event', title: `${entry.name} (${entry.source})` };
}

function marksOf(entries: readonly JournalEntry[], pick: (entry: JournalEntry) => Omit<Mark, 'at'> | undefined): Mark[] {
  return entries.flatMap((entry) => {
    const mark = pick(entry);
    return mark === undefined ? [] : [{ ...mark, at: entry.at }];
  });
}

type PowerState = { readonly tone: 'on' | 'paused'; readonly since: number } | undefined;

/** When the domain was on: what libvirt told, or what we did where it told nothing. */
function powerSpans(entries: readonly JournalEntry[], from: number, to: number): Span[] {
  const changes = entries.flatMap((entry) => (entry.type === 'event' && RUNTIME.has(entry.source) && CHANGES.has(entry.name) ? [{ tone: CHANGES.get(entry.name), at: entry.at }] : []));
  // What ends or pauses first was on when the run began, and so was what ran commands without ever changing.
  const wasOn = changes.length > 0 ? changes[0]?.tone !== 'on' : entries.some(({ type }) => type === 'command-started');
  const spans: Span[] = [];
  let state: PowerState = wasOn ? { tone: 'on', since: from } : undefined;
  for (const { tone, at } of [...changes, { tone: undefined, at: to }]) {
    if (state?.tone === tone) continue;
    if (state !== undefined) spans.push({ tone: state.tone, from: state.since, to: at, title: state.tone });
    state = tone === undefined ? undefined : { tone, since: at };
  }
  return spans;
}

const CHANGES: ReadonlyMap<string, 'on' | 'paused' | undefined> = new Map<string, 'on' | 'paused' | undefined>([
  ['domain_started', 'on'],
  ['post_poweron', 'on'],
  ['domain_resumed', 'on'],
  ['post_resume', 'on'],
  ['domain_suspended', 'paused'],
  ['post_pause', 'paused'],
  ['domain_stopped', undefined],
  ['domain_crashed', undefined],
  ['post_poweroff', undefined],
  ['post_shutdown', undefined],
]);

function commandSpans(entries: readonly JournalEntry[], to: number): Span[] {
  const ends = new Map(entries.flatMap((entry) => (entry.type === 'command-ended' ? [[entry.id, entry] as const] : [])));
  return entries.flatMap((entry) => {
    if (entry.type !== 'command-started') return [];
    const end = ends.get(entry.id);
    const tone = end === undefined ? 'open' : end.exitCode === 0 ? 'good' : 'bad';
    return [{ tone, from: entry.at, to: end?.at ?? to, title: `${entry.command} (${entry.source})` }];
  });
}
