import type { Hook } from '../hooks';
import type { RunResult } from '../run';
import type { Duration } from '../../lib/units';
import { printable } from '../../lib/text';
import { exitCodeOfCommand } from './attached-command';
import type { CommandContext } from './command-context';
import { EXIT } from './exit-codes';
import { guestOutput } from './guest-output';

interface SandboxRuns {
  readonly addresses: readonly string[];
  readonly uri: string;
  readonly command?: readonly string[];
  /** Beside those that are declared. @default none */
  readonly hooks?: readonly Hook[];
  readonly timeout?: Duration;
  readonly deadline?: Duration;
  readonly runs?: string;
}

/** Observes sandboxes side by side, each with a record of its own, and gives the exit code to end with. */
export async function runSandboxes(context: CommandContext, options: SandboxRuns): Promise<number> {
  const alone = options.addresses.length === 1;
  const results = await Promise.all(options.addresses.map((address) => runOne(context, address, { ...options, alone })));
  context.reporter.result(
    { runs: results.map(({ address, result }) => ({ address, ...documentOf(result) })) },
    () => results.map(({ address, result }) => summaryOf(address, result)).join('\n'),
  );
  const codes = results.map(({ result }) => exitCodeOfRun(result));
  return codes.find((code) => code !== EXIT.done) ?? EXIT.done;
}

/** Observes one sandbox. @param options `alone`: its output is not marked as its own */
export async function runOne(context: CommandContext, address: string, { uri, command, hooks, timeout, deadline, runs, alone }: Omit<SandboxRuns, 'addresses'> & { alone: boolean }): Promise<{ address: string; result: RunResult }> {
  const { connect } = await import('../sandbox');
  const { observe } = await import('../run');
  const { registerProcess } = await import('../processes');
  using _listed = registerProcess({ what: 'run', address, uri });
  await using sandbox = await connect(address, { uri, signal: context.signal });
  const end = context.reporter.step(address);
  const show = (stream: NodeJS.WriteStream): ((chunk: Uint8Array) => void) =>
    context.reporter.json ? () => undefined : guestOutput(stream, alone ? undefined : `${address} | `);
  const result = await observe(sandbox, {
    signal: context.signal,
    onStdout: show(process.stdout),
    onStderr: show(process.stderr),
    ...(command === undefined ? {} : { command }),
    ...(hooks === undefined ? {} : { hooks }),
    ...(timeout === undefined ? {} : { timeout: timeout.toString() }),
    ...(deadline === undefined ? {} : { deadline: deadline.toString() }),
    ...(runs === undefined ? {} : { runs }),
  });
  end(result.verdict.outcome);
  return { address, result };
}

export function documentOf({ verdict, command, record, report }: RunResult): object {
  return { run: record.run.id, folder: record.folder, report: report ?? null, verdict, command: command ?? null };
}

function summaryOf(address: string, { verdict, record, report }: RunResult): string {
  const reasons = verdict.reasons.map((reason) => `\n  ${printable(reason.code, { singleLine: true })}  ${printable(reason.doing, { singleLine: true, limit: 300 })}`);
  return `${address}: ${verdict.outcome}${reasons.join('')}\n  isolation  ${record.run.isolation.meaning}\n  report     ${report ?? 'none'}`;
}

export function exitCodeOfRun({ verdict, command }: RunResult): number {
  const interrupted = verdict.reasons.find(({ code }) => code === 'INTERRUPTED');
  if (interrupted) return interrupted.details?.['signal'] === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
  if (command !== undefined) return exitCodeOfCommand(command) || (verdict.outcome === 'passed' ? EXIT.done : EXIT.notWell);
  return verdict.outcome === 'passed' ? EXIT.done : EXIT.notWell;
}
