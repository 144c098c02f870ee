import { isEventName } from '../events';
import { Duration } from '../units';
import type { DeclaredHook } from './declaration';
import { GENERAL_KEYS, HOOK_CONFIGURATIONS, type SeeHookConfiguration, type SeeHookName, SeeHooks } from './hooks-document';
import { nearest } from './nearest';
import type { SeeReading } from './reading';

export interface HooksOptions {
  /** How messages call the document. */
  readonly where: string;
  /** Hooks to leave out, by their whole name or its last part. */
  readonly without: readonly string[];
}

/** The hooks of a configuration as ours, in order. What can't be run is a mistake, unless it was asked to be left out. */
export function readHooks(document: unknown, { where, without }: HooksOptions, reading: SeeReading): DeclaredHook[] {
  const given = reading.read(SeeHooks, unwrapped(document, where, reading), where);
  if (given === undefined) return [];
  const { configuration: general = {}, hooks = [] } = given;
  const understood = new Set(GENERAL_KEYS);
  const declared = hooks.flatMap(({ name, configuration = {} }, index): DeclaredHook[] => {
    const place = `${where}: hooks.${index} (${name})`;
    const type = lastPart(name);
    if (without.includes(name) || without.includes(type)) {
      if (isKnown(type)) for (const key of keysOf(type)) understood.add(key);
      reading.note('omitted', place, 'left out, as asked');
      return [];
    }
    if (!isKnown(type)) {
      unknownHook(name, place, reading);
      return [];
    }
    for (const key of keysOf(type)) understood.add(key);
    return translated(type, merged(type, general, configuration, place, reading), place, reading);
  });
  for (const key of Object.keys(general).filter((key) => !understood.has(key))) {
    const near = nearest(key, [...understood]);
    reading.mistake('SEE_INVALID', `${where}: configuration.${key}`, { given: 'a key that no hook of the list reads', expected: [...understood].join(', '), fix: near === undefined ? 'take it out' : `did you mean '${near}'?` });
  }
  for (const name of without.filter((name) => !hooks.some((hook) => hook.name === name || lastPart(hook.name) === name))) {
    reading.mistake('SEE_INVALID', where, { given: `--without ${name}`, expected: 'the name of a hook of the configuration' });
  }
  return declared;
}

/** The manual shows the document within another `hooks`, which SEE itself could not read. */
function unwrapped(document: unknown, where: string, reading: SeeReading): unknown {
  const inner: unknown = typeof document === 'object' && document !== null && 'hooks' in document ? document.hooks : undefined;
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return document;
  const others = Object.keys(document as object).filter((key) => key !== 'hooks');
  if (others.length > 0) return document;
  reading.note('otherwise', where, 'is wrapped in another `hooks`, as the manual shows it; SEE itself could not read that');
  return inner;
}

/** A hook's own value wins. SEE's documents say so too; its code did the contrary. */
function merged(type: SeeHookName, general: Readonly<Record<string, unknown>>, own: Readonly<Record<string, unknown>>, place: string, reading: SeeReading): Record<string, unknown> {
  const known = keysOf(type);
  for (const key of Object.keys(own).filter((key) => key in general && JSON.stringify(own[key]) !== JSON.stringify(general[key]))) {
    reading.note('otherwise', `${place}.${key}`, `the hook's own value counts, ${JSON.stringify(own[key])}; SEE took the general one, ${JSON.stringify(general[key])}`);
  }
  if ('results_folder' in own || ('results_folder' in general && RESULTS.has(type))) reading.note('otherwise', `${place}.results_folder`, 'files lie in the run record, under names of their own');
  const from = (values: Readonly<Record<string, unknown>>, keys: (key: string) => boolean) => Object.fromEntries(Object.entries(values).filter(([key]) => keys(key)));
  return { ...from(general, (key) => known.includes(key)), ...from(own, (key) => !GENERAL_KEYS.includes(key)) };
}

/** Hooks that wrote files. */
const RESULTS: ReadonlySet<SeeHookName> = new Set(['ScreenHook', 'MemoryHook', 'DiskCheckPointHook', 'NetworkTracerHook']);

function translated(type: SeeHookName, configuration: Readonly<Record<string, unknown>>, place: string, reading: SeeReading): DeclaredHook[] {
  const given: unknown = reading.read(HOOK_CONFIGURATIONS[type], configuration, place);
  if (given === undefined) return [];
  const hook = (HOOKS[type] as Translate<unknown>)(given, place, reading);
  return hook === undefined ? [] : [hook];
}

/** Undefined where it does nothing, which is noted, or can't be run, which is a mistake. */
type Translate<Given> = (given: Given, place: string, reading: SeeReading) => DeclaredHook | undefined;

const HOOKS: { readonly [Name in SeeHookName]: Translate<SeeHookConfiguration<Name>> } = {
  TimersHook({ timers = {} }, place, reading) {
    const entries = Object.entries(timers).flatMap(([key, value]) => timerOf(key, value, `${place}.timers.${key}`, reading));
    return someOrNone(entries.length, place, reading) ? { export: 'Timers', config: { timers: Object.fromEntries(entries) }, needs: [] } : undefined;
  },
  ScreenHook({ screenshot_on_event: events }, place, reading) {
    const on = eventsOf(events, `${place}.screenshot_on_event`, reading);
    return someOrNone(on.length, place, reading) ? { export: 'Screenshots', config: { on }, needs: ['screen'] } : undefined;
  },
  MemoryHook({ memory_snapshots_on_event: plural, memory_snapshot_on_event: singular, delete_snapshots: deletes }, place, reading) {
    if (singular !== undefined) reading.note('otherwise', `${place}.memory_snapshot_on_event`, "is read, as SEE's docstring says; SEE itself read the plural alone");
    if (isTrue(deletes)) reading.note('meaningless', `${place}.delete_snapshots`, 'what is in the run record stays until the record goes');
    const on = [...eventsOf(plural, `${place}.memory_snapshots_on_event`, reading), ...eventsOf(singular, `${place}.memory_snapshot_on_event`, reading)];
    return someOrNone(on.length, place, reading) ? { export: 'MemoryDump', config: { on: [...new Set(on)] }, needs: ['memory'] } : undefined;
  },
  CommandsHook({ 'agent-port': port, 'agent-host': host }) {
    return { export: 'SeeAgent', config: { port, ...(host === undefined ? {} : { host }) }, needs: ['network'] };
  },
  NetworkTracerHook({ start_trace_on_event: start, stop_trace_on_event: stop, trace_limit: limit, delete_trace_file: deletes }, place, reading) {
    const [begin] = eventsOf(start, `${place}.start_trace_on_event`, reading);
    const [end] = eventsOf(stop, `${place}.stop_trace_on_event`, reading);
    if (isTrue(deletes)) reading.note('meaningless', `${place}.delete_trace_file`, 'what is in the run record stays until the record goes');
    if (!someOrNone(begin !== undefined && end !== undefined ? 1 : 0, place, reading)) return undefined;
    return { export: 'NetworkTrace', config: { start: begin, stop: end, ...(limit === undefined ? {} : { limit: limit * 1000 }) }, needs: ['network'] };
  },
  DiskCheckPointHook({ checkpoint_on_event: events, delete_checkpoints: deletes, rebase }, place, reading) {
    if (isTrue(deletes)) reading.note('meaningless', `${place}.delete_checkpoints`, 'what is in the run record stays until the record goes');
    if (rebase !== undefined) reading.note('meaningless', `${place}.rebase`, 'was never read');
    const on = eventsOf(events, `${place}.checkpoint_on_event`, reading);
    return someOrNone(on.length, place, reading) ? { export: 'DiskCheckpoint', config: { on }, needs: ['disk'] } : undefined;
  },
  VolatilityHook: refused('take the memory dumps out of the run record and run Volatility on them there'),
  DiskStateAnalyser: refused('it is not offered: compare the files you care about with commands in the guest, or copy them out with a hook'),
  NetworkAnalysisHook: refused('it is not offered: run tshark on a trace of your own'),
};

function refused(instead: string): (given: unknown, place: string, reading: SeeReading) => undefined {
  return (_given, place, reading) => {
    reading.mistake('SEE_UNOFFERED', place, { given: 'a plugin that Sandform has nothing for', expected: 'TimersHook, ScreenHook, MemoryHook, DiskCheckPointHook, NetworkTracerHook or CommandsHook', fix: `${instead}; \`--without NAME\` leaves the hook out` });
    return undefined;
  };
}

function unknownHook(name: string, place: string, reading: SeeReading): void {
  const near = nearest(lastPart(name), Object.keys(HOOK_CONFIGURATIONS));
  reading.mistake('SEE_UNOFFERED', place, {
    given: near === undefined ? 'a hook class of your own, in Python' : 'a hook that SEE would not have found either',
    expected: Object.keys(HOOK_CONFIGURATIONS).join(', '),
    fix: near === undefined ? 'write it anew as docs/extending.md tells (`sandform hook new NAME`) and add it to the imported stack; `--without NAME` leaves it out' : `did you mean '${near}'?`,
  });
}

/** SEE's hooks without their main keys subscribed to nothing. */
function someOrNone(count: number, place: string, reading: SeeReading): boolean {
  if (count === 0) reading.note('meaningless', place, 'does not name the events that it needs, so it does nothing, as in SEE');
  return count > 0;
}

/** Event to seconds; before April 2017, seconds to event. */
function timerOf(key: string, value: number | string, place: string, reading: SeeReading): [event: string, delay: string][] {
  const isOld = typeof value === 'string' && /^\d+(\.\d+)?$/.test(key);
  const [event, seconds] = isOld ? [value, Number(key)] : [key, typeof value === 'number' ? value : NaN];
  if (isOld) reading.note('otherwise', place, 'is read as seconds and event, as it was written before April 2017');
  if (!isEventName(event)) reading.mistake('SEE_INVALID', place, { given: event, expected: 'a name of an event: letters, digits, `_`, `-`, `.` and `:`, at most 100 characters' });
  if (!Number.isFinite(seconds)) reading.mistake('SEE_INVALID', place, { given: value, expected: 'seconds, as a number', fix: 'in SEE a text there killed the timer without a word' });
  return isEventName(event) && Number.isFinite(seconds) ? [[event, Duration.milliseconds(Math.round(seconds * 1000)).toString()]] : [];
}

function eventsOf(events: string | readonly string[] | undefined, place: string, reading: SeeReading): string[] {
  const all = events === undefined ? [] : typeof events === 'string' ? [events] : [...events];
  for (const name of all.filter((event) => !isEventName(event))) reading.mistake('SEE_INVALID', place, { given: name, expected: 'a name of an event: letters, digits, `_`, `-`, `.` and `:`, at most 100 characters' });
  return [...new Set(all.filter(isEventName))];
}

/** As Python sees it. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

function isKnown(name: string): name is SeeHookName {
  return Object.hasOwn(HOOK_CONFIGURATIONS, name);
}

function keysOf(type: SeeHookName): string[] {
  return Object.keys(HOOK_CONFIGURATIONS[type].properties);
}

function lastPart(name: string): string {
  return name.split('.').at(-1) ?? '';
}
