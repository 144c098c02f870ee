import { join } from 'node:path';
import type { AdHocDescription, SeeDescription } from '../../lib/adhoc';
import { formatAddress } from '../../lib/naming';
import type { ImageLogin } from '../../lib/see';
import { printable } from '../../lib/text';
import type { Duration, Size } from '../../lib/units';
import type { Hook } from '../hooks';
import type { RunRecord } from '../record';
import type { RunResult } from '../run';
import type { CommandContext } from './command-context';
import { EXIT } from './exit-codes';
import { documentOf, exitCodeOfRun, runOne } from './run-sandboxes';

/** What a run for once is told beside what it deploys. */
export interface OneRunOptions {
  readonly uri: string;
  readonly command?: readonly string[];
  readonly hooks?: readonly Hook[];
  /** Leaves the sandbox where it is, until its TTL is over. */
  readonly keep: boolean;
  readonly timeout?: Duration;
  readonly deadline?: Duration;
  readonly runs?: string;
  /** Seen by the process that fetches its image, and by no other. */
  readonly login?: ImageLogin;
  /** Folders of the host that are made for its container, and go with it. */
  readonly shared?: readonly string[];
  /** Told with the result, where that is wanted as JSON. */
  readonly beside?: object;
}

export interface AdHocOptions extends OneRunOptions {
  readonly guest: AdHocDescription['guest'];
  readonly memory?: Size;
  readonly vcpus?: number;
  readonly ttl: Duration;
  readonly network: boolean;
}

/** The sandbox's name in its stack. */
export const SANDBOX = 'guest';

/**
 * Describes a sandbox of a guest or image, and runs it once.
 * @returns the exit code to end with
 */
export async function runAdHoc(context: CommandContext, options: AdHocOptions): Promise<number> {
  const { buildGuest } = await import('../host');
  const { AdHocProject } = await import('../adhoc');
  const { guest, memory, vcpus, ttl, network } = options;
  const description = { app: 'sandform-adhoc', stack: AdHocProject.newStack(), sandbox: SANDBOX, guest, network, ttl: ttl.toString(), ...(memory === undefined ? {} : { memory: memory.toString() }), ...(vcpus === undefined ? {} : { vcpus }) };
  if ('built' in guest) await timed(context, `guest '${guest.built}' is there`, async () => void (await buildGuest(guest.built, { signal: context.signal, onLine: (text) => context.reporter.note(text) })));
  return runOnce(context, description, options);
}

/**
 * Deploys what is described, runs in it, tells what came of it, and removes it, whatever happens on the way. Killed, it leaves a
 * sandbox whose TTL lets the reaper take it; the next run for once clears the folder of one that is gone.
 * @returns the exit code to end with
 */
export async function runOnce(context: CommandContext, description: AdHocDescription | SeeDescription, options: OneRunOptions): Promise<number> {
  const { reporter, signal } = context;
  const { projectFolder } = await import('../record');
  const { AdHocProject, clearAbandoned } = await import('../adhoc');
  const root = join(projectFolder(), '.sandform', 'adhoc');
  const { uri, keep, login, shared = [] } = options;
  const { stack, ttl } = description;
  await clearAbandoned(root, uri);
  const address = formatAddress(description);
  const project = await AdHocProject.create(root, description, uri, login);
  const said: string[] = [];
  let isDeployed = false;
  let run: { readonly result: RunResult } | undefined;
  try {
    await timed(context, `${stack} is described`, () =>
      project.synth(signal, (text) => {
        const line = printable(text, { singleLine: true, limit: 500 });
        reporter.note(line);
        if (line.startsWith('sandform: ')) said.push(line.slice('sandform: '.length));
      }),
    );
    await project.share(shared);
    isDeployed = true;
    await timed(context, `${stack} is deployed`, () => project.deploy(signal));
    run = await runOne(context, address, { ...options, alone: true });
  } finally {
    const stays = keep && run !== undefined;
    if (stays) reporter.note(`${address} stays for ${ttl}: \`sandform reap ${stack}\` removes it`);
    else if (isDeployed) await timed(context, `${stack} is destroyed`, () => project.destroy());
    if (!stays && shared.length > 0) await project.unshare();
    if (!keep) project.remove();
  }
  const left = keep ? [] : await leftOf(stack, uri, options.runs);
  const { result } = run;
  const told = await toldOf(result.record);
  reporter.result({ address, ...options.beside, ...(said.length === 0 ? {} : { said }), ...documentOf(result), guestReady: told.guestReady ?? null, kept: told.kept, told: told.events, left, isKept: keep }, () => summary(address, result, told, keep ? 'the sandbox, as asked' : left.join(', ') || 'nothing'));
  return left.length > 0 ? EXIT.notWell : exitCodeOfRun(result);
}

async function timed(context: CommandContext, title: string, work: () => Promise<void>): Promise<void> {
  const end = context.reporter.step(title);
  try {
    await work();
    end();
  } catch (error) {
    end('failed');
    throw error;
  }
}

/** What the host still has of the stack. */
async function leftOf(stack: string, uri: string, runs: string | undefined): Promise<string[]> {
  const { reap } = await import('../reap');
  const { removed: found } = await reap({ uri, selection: { stack }, dryRun: true, ...(runs === undefined ? {} : { runs }) });
  return found.map(({ kind, name }) => `${kind} ${name}`);
}

/** What the run's record tells, for those who want one line of each. */
interface Told {
  /** Milliseconds until the guest answered. */
  readonly guestReady: number | undefined;
  /** Number of files kept, by their kind. */
  readonly kept: Readonly<Record<string, number>>;
  /** Number of events that hooks told, by their name, e.g. `connection_opened`. */
  readonly events: Readonly<Record<string, number>>;
}

async function toldOf(record: RunRecord): Promise<Told> {
  const events: string[] = [];
  let guestReady: number | undefined;
  for await (const entry of record.entries()) {
    if (entry?.type !== 'event') continue;
    if (entry.name === 'guest_ready') guestReady ??= Number(entry.data['elapsed']);
    if (!['lifecycle', 'libvirt', 'run'].includes(entry.source)) events.push(entry.name);
  }
  return { guestReady, kept: counted(record.artifacts().map(({ kind }) => kind)), events: counted(events) };
}

function counted(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

function summary(address: string, { verdict, command, record, report }: RunResult, { guestReady, kept, events }: Told, left: string): string {
  const line = (text: string) => printable(text, { singleLine: true, limit: 200 });
  const list = (counts: Readonly<Record<string, number>>, none: string) => Object.entries(counts).map(([name, count]) => `${count} ${line(name)}`).join(', ') || none;
  const rows: readonly (readonly [string, string])[] = [
    ['guest', guestReady === undefined ? 'was not asked, or never answered' : `ready after ${(guestReady / 1000).toFixed(1)} s`],
    ...(command === undefined ? [] : [['command', `${command.exitCode === null ? `ended by ${command.signal ?? 'a signal'}` : `exit code ${command.exitCode}`}, ${(command.duration / 1000).toFixed(1)} s`] as const]),
    ['files', list(kept, 'none kept')],
    ['hooks told', list(events, 'nothing')],
    ['isolation', record.run.isolation.meaning],
    ['report', report ?? 'none'],
    ['left', left],
    ...verdict.reasons.map((reason) => ['because', `${reason.code}  ${line(reason.doing)}`] as const),
  ];
  return [`${address}: ${verdict.outcome}`, ...rows.map(([name, text]) => `  ${name.padEnd(11)}${text}`)].join('\n');
}
