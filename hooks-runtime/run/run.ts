import { hostname } from 'node:os';
import { SandformError } from '../../lib/errors';
import type { Verdict } from '../../lib/record';
import { Duration } from '../../lib/units';
import { type AttachedHook, commandFailed, commandLine, recordedCommands } from '../hooks';
import { RunRecord, RunRecorder, projectFolder, runsFolder, writeReport } from '../record';
import { type CommandOptions, type CommandResult, type Sandbox, sandboxView } from '../sandbox';
import { attachHooks } from './attach-hooks';
import { Ending } from './ending';
import { GuestWait } from './guest-wait';
import type { ObserveOptions } from './observe';
import { PowerOfRun } from './power-of-run';
import type { RunResult } from './run-result';
import { VERSION } from './version';

/** What handlers get at the end of a run, and after its deadline, milliseconds. */
const GRACE = 10_000;

/** One observation of a sandbox, under way. Disposing it ends it, and resolves when it has ended. */
export class Run implements AsyncDisposable {
  /** Resolves when the run has ended and its record and report are written. Rejects only for a defect of Sandform. */
  readonly finished: Promise<RunResult>;
  private readonly reasons: SandformError[] = [];
  private result: CommandResult | undefined;

  private constructor(
    private readonly sandbox: Sandbox,
    private readonly options: ObserveOptions,
    private readonly recorder: RunRecorder,
    private readonly ending: Ending,
    private readonly guest: GuestWait,
    private readonly power: PowerOfRun,
  ) {
    this.finished = this.perform();
    this.finished.catch(() => undefined);
  }

  /**
   * Begins a run. See `observe`.
   * @throws SandformError `RECORD_UNWRITABLE`, `DURATION_INVALID`
   */
  static start(connected: Sandbox, options: ObserveOptions = {}): Run {
    const deadline = options.deadline === undefined ? undefined : Duration.parse(options.deadline, `${connected.address}: reading the deadline of a run`);
    const recorder = begun(connected, options);
    const ending = new Ending(connected);
    const guest = new GuestWait(connected);
    recorder.onUnwritable = (error) => ending.end(error);
    if (options.signal !== undefined) ending.onAbort(options.signal);
    if (deadline !== undefined) {
      ending.after(deadline);
      connected.events.endHandlersBy(Date.now() + deadline.timerMilliseconds, GRACE);
    }
    return new Run(sandboxOfRun(connected, guest), options, recorder, ending, guest, new PowerOfRun(connected));
  }

  /** Name of the run. */
  get id(): string {
    return this.recorder.run.id;
  }

  /** Folder of its record. */
  get folder(): string {
    return this.recorder.folder;
  }

  /** Ends the run, in order, as `interrupted`, unless it has ended. */
  async stop(): Promise<RunResult> {
    this.ending.end(new SandformError('INTERRUPTED', { doing: `${this.sandbox.address}: running ${this.id}`, given: 'a call of stop()' }));
    return this.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private async perform(): Promise<RunResult> {
    const { events } = this.sandbox;
    const stopRecording = [
      events.onAny((event) => this.recorder.event(event)),
      events.onFailure(({ subscriber, error, event }) => this.recorder.failure(subscriber, error, event?.name)),
    ];
    let hooks: AttachedHook[] = [];
    try {
      hooks = await this.attach();
      await this.ending.unlessOver(events.emit('run_started', { run: this.id }, 'run'));
      await this.observe(hooks);
    } catch (error) {
      this.reasons.push(SandformError.from(error, `${this.sandbox.address}: running ${this.id}`));
    }
    await this.end(hooks);
    for (const stop of stopRecording) stop();
    return this.conclude();
  }

  private attach(): Promise<AttachedHook[]> {
    const { sandbox, recorder, options } = this;
    const hooks = [...sandbox.spec.conduct.hooks, ...(options.hooks ?? [])];
    return attachHooks(hooks, { sandbox, recorder, projectFolder: options.projectFolder ?? projectFolder() });
  }

  private async observe(hooks: readonly AttachedHook[]): Promise<void> {
    const { ending, options } = this;
    if (ending.isOver()) return;
    await ending.unlessOver(this.power.on());
    if (ending.isOver()) return;
    if (options.command !== undefined || hooks.some(({ needsGuest }) => needsGuest)) {
      await this.power.mustRun();
      await ending.unlessOver(this.guest.handled({ signal: ending.signal }));
    }
    if (ending.isOver()) return;
    if (options.command === undefined) await this.waitForHooks(hooks);
    else await this.command(options.command);
  }

  private async command(command: NonNullable<ObserveOptions['command']>): Promise<void> {
    const { sandbox, recorder, ending } = this;
    const commands = recordedCommands(sandbox.commands, { recorder, events: sandbox.events, source: 'run' });
    const running = commands.run(command, { ...commandOptions(this.options), signal: ending.signal });
    this.result = await ending.unlessOver(running);
    if (this.result === undefined) return this.giveUp(running);
    if (this.result.exitCode !== 0) this.reasons.push(commandFailed(sandbox.address, this.result));
  }

  /** The run ended before its command: what the command itself makes of that is only of interest where nothing else tells. */
  private async giveUp(running: Promise<CommandResult>): Promise<void> {
    await within(GRACE, running);
    if (this.ending.reason !== undefined) return;
    this.reasons.push(new SandformError('COMMAND_TIMEOUT', { doing: `${this.sandbox.address}: running the command`, given: `no end within the run's deadline of ${this.options.deadline ?? 'none'}` }));
  }

  /** Until nothing is left that comes to an end; where there never was such a thing, until the deadline, or for ever. */
  private async waitForHooks(hooks: readonly AttachedHook[]): Promise<void> {
    const { events } = this.sandbox;
    const work = async (): Promise<void> => {
      do {
        await events.drain();
        await Promise.all(hooks.map((hook) => hook.quiet()));
      } while (events.busy || hooks.some(({ isBusy }) => isBusy));
    };
    await this.ending.unlessOver(work());
    const endless = this.options.deadline !== undefined || hooks.some(({ hasIntervals }) => hasIntervals);
    if (endless && !hooks.some(({ hadWork }) => hadWork)) await this.ending.unlessOver(new Promise<never>(() => undefined));
  }

  /** Every step is tried, whatever became of those before. */
  private async end(hooks: readonly AttachedHook[]): Promise<void> {
    const { events, address } = this.sandbox;
    const step = async (doing: string, work: () => Promise<unknown>): Promise<void> => {
      await work().catch((error: unknown) => this.reasons.push(SandformError.from(error, `${address}: ${doing}`)));
    };
    events.endHandlersBy(Date.now() + GRACE, GRACE);
    await step('ending the run', () => events.emit('run_ending', { run: this.id }, 'run'));
    await step('waiting for handlers', () => this.drained());
    if (this.ending.reason?.code !== 'LIBVIRT_LOST') await step('powering off', () => this.power.off());
    await step('waiting for handlers', () => this.drained());
    for (const hook of hooks) hook.detach();
    await step('waiting for handlers', () => this.drained());
    events.endHandlersBy(Infinity, Infinity);
    this.guest[Symbol.dispose]();
    this.ending[Symbol.dispose]();
  }

  /** Each handler has its deadline, but handlers can go on calling each other. */
  private async drained(): Promise<void> {
    await within(2 * GRACE, this.sandbox.events.drain());
  }

  private async conclude(): Promise<RunResult> {
    let verdict = this.verdict();
    const failed = (error: unknown): void => {
      verdict = { ...verdict, outcome: 'failed', reasons: [...verdict.reasons, SandformError.from(error, `${this.sandbox.address}: ending the record`).toJSON()] };
    };
    try {
      this.recorder.finish(verdict);
    } catch (error) {
      failed(error);
    }
    const record = await RunRecord.open(this.folder);
    const report = await writeReport(record).catch(failed);
    return { verdict, command: this.result, record, report: report ?? undefined, hook: (name) => record.hook(name), artifacts: (kind) => record.artifacts(kind) };
  }

  private verdict(): Verdict {
    const early = this.ending.reason;
    const failedHooks = this.recorder.summary.hooks.flatMap(({ errors: [first] }) => (first === undefined ? [] : [first.error]));
    // What ended the run explains what failed because of it, so it comes first.
    const all = [...(early === undefined ? [] : [early.toJSON()]), ...this.reasons.map((reason) => reason.toJSON()), ...failedHooks];
    const reasons = [...new Map(all.map((reason) => [JSON.stringify(reason), reason])).values()];
    const outcome = early?.code === 'INTERRUPTED' ? 'interrupted' : reasons.length > 0 ? 'failed' : 'passed';
    const { exitCode, signal } = this.result ?? {};
    return { outcome, reasons, ...(exitCode === undefined || signal === undefined ? {} : { command: { exitCode, signal } }) };
  }
}

function begun({ address, spec, isolation, host }: Sandbox, { runs = runsFolder(), command }: ObserveOptions): RunRecorder {
  return RunRecorder.create(runs, {
    address,
    sandbox: spec,
    isolation,
    host: { name: hostname(), ...host },
    software: { sandform: VERSION, node: process.version },
    ...(command === undefined ? {} : { command: commandLine(command) }),
  });
}

/** The sandbox as hooks and commands of a run see it. */
function sandboxOfRun(connected: Sandbox, guest: GuestWait): Sandbox {
  return sandboxView(connected, { waitForGuest: (options) => guest.answer(options) });
}

function commandOptions({ timeout, cwd, env, stdin, maxOutput, onStdout, onStderr }: ObserveOptions): CommandOptions {
  return Object.fromEntries(Object.entries({ timeout, cwd, env, stdin, maxOutput, onStdout, onStderr }).filter(([, value]) => value !== undefined));
}

/** Resolves with the work, however it ends, or when the time is over. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([work.catch(() => undefined), over]);
  clearTimeout(timer);
}
