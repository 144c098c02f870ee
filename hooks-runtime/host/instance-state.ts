import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Type, type Static } from '../../lib/schema';
import { mistakesOf } from '../../lib/spec';
import { RUN_ROOT, instancePaths } from './instance-paths';

/** How the file holds an {@link InstanceState}. */
export const InstanceStateSchema = Type.Object(
  {
    version: Type.Literal(1),
    name: Type.String(),
    /** The process that holds the lock and the namespaces. */
    process: Type.Object({ pid: Type.Integer({ minimum: 1 }), startTime: Type.String(), bootId: Type.String() }),
    /** Name of the control group below the root of each hierarchy. */
    controlGroup: Type.String({ pattern: '^sandform-[a-z0-9-]+$' }),
    uri: Type.String(),
    poolPath: Type.String(),
    accelerator: Type.Union([Type.Literal('kvm'), Type.Literal('tcg')]),
    startedAt: Type.String(),
  },
  { additionalProperties: false },
);

/** What is written down about an instance before anything of it runs, in {@link InstancePaths.state}. */
export type InstanceState = Static<typeof InstanceStateSchema>;

/** The state of an instance, or undefined when none is written or what is written is damaged: both mean "not up". */
export function readInstanceState(name: string): InstanceState | undefined {
  let text: string;
  try {
    text = readFileSync(instancePaths(name).state, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const state = parsed(text);
  return mistakesOf(InstanceStateSchema, state).length === 0 ? (state as InstanceState) : undefined;
}

/** Whole or not at all. */
export function writeInstanceState(state: InstanceState): void {
  const { state: path } = instancePaths(state.name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}

/** Names of all instances that are up or left something in /run. */
export function instanceNames(): string[] {
  try {
    return readdirSync(RUN_ROOT, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
