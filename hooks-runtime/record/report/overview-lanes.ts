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

/** When the domain was on: what libvirt told, or what we did where it told nothing. */
function powerSpans(entries: readonly JournalEntry[], from: number, to: number): Span[] {
  const spans: Span[] = [];
  let state: { readonly tone: 'on' | 'paused'; readonly since: number } | undefined;
  let known = false;
  const change = (tone: 'on' | 'paused' | undefined, at: number): void => {
    // Something that ends or pauses first was on when the run began.
    if (!known && tone !== 'on') state = { tone: 'on', since: from };
    known = true;
    if (state?.tone === tone) return;
    if (state !== undefined) spans.push({ tone: state.tone, from: state.since, to: at, title: state.tone });
    state = tone === undefined ? undefined : { tone, since: at };
  };
  for (const entry of entries) {
    if (entry.type !== 'event' || (entry.source !== 'libvirt' && entry.source !== 'lifecycle')) continue;
    if (CHANGES.has(entry.name)) change(CHANGES.get(entry.name), entry.at);
  }
  const lastly = state as { readonly tone: 'on' | 'paused'; readonly since: number } | undefined;
  if (!known && entries.some((entry) => entry.type === 'command-started')) spans.push({ tone: 'on', from, to, title: 'on' });
  if (lastly !== undefined) spans.push({ tone: lastly.tone, from: lastly.since, to, title: lastly.tone });
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
