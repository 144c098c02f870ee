import { Command } from 'commander';
import { type CommandContext, jsonOption, uriOption } from '../command-context';
import { table } from '../table';

export function psCommand(context: CommandContext): Command {
  return new Command('ps')
    .description('list the deployed sandboxes of this host')
    .argument('[stack]', 'only those of this stack')
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (stack: string | undefined, options: { uri?: string }) => {
      const { resolveUri } = await import('../../host');
      const { HostConnections, listAllSandboxes } = await import('../../inventory');
      await using host = await HostConnections.open(await resolveUri(options.uri), { readOnly: true, signal: context.signal });
      const { sandboxes, broken } = await listAllSandboxes(host.all);
      const shown = sandboxes.filter(({ spec }) => stack === undefined || spec.identity.stack === stack);
      context.reporter.result(
        {
          sandboxes: shown.map(({ address, state, isolation, birth, expiry, spec }) => ({
            address,
            app: spec.identity.app,
            state,
            isolation: isolation.level,
            birth: birth?.toISOString() ?? null,
            expiry: expiry?.toISOString() ?? null,
            owner: spec.conduct.owner ?? null,
            labels: spec.conduct.labels,
            hooks: spec.conduct.hooks.map(({ name }) => name),
          })),
          broken: broken.map(({ domain, error }) => ({ domain, error })),
        },
        () =>
          [
            table(
              ['SANDBOX', 'STATE', 'ISOLATION', 'AGE', 'EXPIRES IN', 'OWNER'],
              shown.map(({ address, state, isolation, birth, expiry, spec }) => [address, state, isolation.level, since(birth), until(expiry), spec.conduct.owner ?? '-']),
            ),
            ...broken.map(({ domain, error }) => `${domain}: unreadable (${error.code})`),
          ].join('\n'),
      );
    });
}

function since(birth: Date | undefined): string {
  return birth === undefined ? '-' : span(Date.now() - birth.getTime());
}

function until(expiry: Date | undefined): string {
  if (expiry === undefined) return 'never';
  return expiry.getTime() <= Date.now() ? 'expired' : span(expiry.getTime() - Date.now());
}

function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)}h`;
  return `${Math.round(seconds / 86_400)}d`;
}
