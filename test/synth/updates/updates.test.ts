import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import * as hooks from 'sandform/hooks';
import * as sandform from '../../../index';
import { type ProviderName, PROVIDERS } from '../../../index';
import { plannedChanges } from '../../../testing';
import { type Plan, workbench } from '../synthesized';
import { type PropChange, PROP_CHANGES, ROOT_TARBALL, type UpdateKind, declarations } from './prop-changes';

const DOCUMENT = join(__dirname, '../../../docs/updates.md');
const [BEGIN, END] = ['<!-- table: begin -->', '<!-- table: end -->'];

const bench = workbench();

function plan(change: PropChange, value: string, provider: ProviderName): Plan {
  const names = ['Guest', 'HardwareProfile', 'RootFilesystem', 'Sandbox', 'SandboxNetwork', 'SandboxStack'] as const;
  const declare = (app: App) => {
    process.env['SANDFORM_PROVIDER'] = provider;
    process.env[ROOT_TARBALL] = bench.tarball('root.tar');
    // The same text is the body of an app in the integration tests.
    const run = Reflect.construct(Function, ['app', 'require', ...names, declarations(change, value)]) as (...given: unknown[]) => void;
    run(app, () => hooks, ...names.map((name) => sandform[name]));
  };
  return bench.synth(declare)['lab']!;
}

/** What a deploy does to the construct whose prop changed, or for a prop of a stack to any of its constructs. */
function effect(change: PropChange, provider: ProviderName): UpdateKind {
  const changes = Object.values(plannedChanges({ plan: plan(change, change.from ?? '', provider) }, { plan: plan(change, change.to, provider) }));
  return (['replace', 'in place'] as const).find((kind) => changes.includes(kind)) ?? 'no-op';
}

const table = () => [
  `| construct | prop | ${PROVIDERS.map((name) => `provider ${name}`).join(' | ')} |`,
  `|---|---|${PROVIDERS.map(() => '---|').join('')}`,
  ...PROP_CHANGES.map((change) => `| ${change.construct} | \`${change.prop}\` | ${PROVIDERS.map((name) => effect(change, name)).join(' | ')} |`),
].join('\n');

describe('docs/updates.md', () => {
  it('tells what a deploy does where a prop has changed', () => {
    const document = readFileSync(DOCUMENT, 'utf8');
    const [head, , tail] = document.split(new RegExp(`${BEGIN}|${END}`));
    const generated = `${head}${BEGIN}\n${table()}\n${END}${tail}`;
    if (process.env['SANDFORM_DOCS']) writeFileSync(DOCUMENT, generated);
    else expect(document).toBe(generated);
  });

  it('has each prop of each construct', () => {
    const declared = (file: string, type: string) => {
      const text = readFileSync(join(__dirname, '../../..', file), 'utf8');
      const body = text.slice(text.indexOf(`export interface ${type} {`));
      return [...body.slice(0, body.indexOf('\n}')).matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!);
    };
    const document = readFileSync(DOCUMENT, 'utf8');
    const files = { SandboxStack: 'stacks/sandbox-stack.ts', SandboxNetwork: 'constructs/sandbox-network.ts', Sandbox: 'constructs/sandbox.ts' };
    for (const [construct, file] of Object.entries(files)) {
      const props = declared(file, `${construct}Props`);
      expect(props.length).toBeGreaterThan(3);
      for (const prop of props) expect(document).toMatch(new RegExp(`^\\| ${construct} \\| .*\`${prop}\``, 'm'));
    }
  });
});
