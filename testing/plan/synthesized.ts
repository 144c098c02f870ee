import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { Sandbox, SandboxNetwork } from '../../constructs';
import type { SandboxSpec } from '../../lib/spec';

/** A plan as Terraform reads it, or a part of one: whoever looks at it knows its shape. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Plan = Record<string, any>;

/** A stack that was synthesized, and what is in it. */
export class SynthesizedStack {
  constructor(
    readonly name: string,
    /** What cdktf wrote for Terraform. */
    readonly plan: Plan,
    /** Descriptions of its sandboxes, by their names within the stack. */
    readonly sandboxes: Readonly<Record<string, SandboxSpec>>,
    /** What is known of its networks, by the last part of their paths. */
    readonly networks: Readonly<Record<string, SynthesizedNetwork>>,
  ) {}
}

export interface SynthesizedNetwork {
  /** libvirt's name. */
  readonly networkName: string;
  /** IPv4 addresses in CIDR; absent where others give them. */
  readonly subnet?: string;
  /** IPv6 network of 64 bits. */
  readonly network6?: string;
}

export interface SynthesizeOptions {
  /** Context of the app, as cdktf.json or `--context` would give it. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/**
 * Synthesizes an app in a folder of its own, which is removed, and gives its stacks by their names. What the environment of this
 * machine says of libvirt, provider and accelerator is left aside, so that a plan is the same on every machine.
 * @param declare declares stacks in the app
 * @throws SandformError `APP_INVALID`, `PLAN_MISFIT`
 */
export function synthesize(declare: (app: App) => void, { context = {} }: SynthesizeOptions = {}): Readonly<Record<string, SynthesizedStack>> {
  const outdir = mkdtempSync(join(tmpdir(), 'sandform-synth-'));
  try {
    const app = new App({ outdir, context });
    apartFromMachine(() => {
      declare(app);
      app.synth();
    });
    const names = readdirSync(join(outdir, 'stacks'));
    return Object.fromEntries(
      names.map((name) => {
        const plan = JSON.parse(readFileSync(join(outdir, 'stacks', name, 'cdk.tf.json'), 'utf8')) as Plan;
        const within = app.node.findAll().filter((construct) => construct.node.scopes[1]?.node.id === name);
        const sandboxes = within.flatMap((construct) => (construct instanceof Sandbox ? [[construct.sandboxName, construct.spec] as const] : []));
        const networks = within.flatMap((construct) => (construct instanceof SandboxNetwork ? [[construct.node.id, networkOf(construct)] as const] : []));
        return [name, new SynthesizedStack(name, plan, Object.fromEntries(sandboxes), Object.fromEntries(networks))];
      }),
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Variables by which a machine says what it has. */
const OF_MACHINE = ['LIBVIRT_DEFAULT_URI', 'SANDFORM_ACCELERATOR', 'SANDFORM_PROVIDER'];

function apartFromMachine(work: () => void): void {
  const before = OF_MACHINE.map((name) => [name, process.env[name]] as const);
  for (const name of OF_MACHINE) Reflect.deleteProperty(process.env, name);
  try {
    work();
  } finally {
    for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
  }
}

function networkOf({ networkName, range, network6 }: SandboxNetwork): SynthesizedNetwork {
  return { networkName, ...(range === undefined ? {} : { subnet: range.toString() }), ...(network6 === undefined ? {} : { network6 }) };
}
