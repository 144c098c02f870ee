import { SandformError } from '../../lib/errors';
import type { HookReference } from '../../lib/spec';
import { AttachedHook, type Hook, type InlineHook, describeHook, loadHook } from '../hooks';
import type { RunRecorder } from '../record';
import type { Sandbox } from '../sandbox';

/** A hook in any of the forms that a run takes. */
export type AnyHook = Hook | InlineHook | HookReference;

export interface AttachEnvironment {
  readonly sandbox: Sandbox;
  readonly recorder: RunRecorder;
  /** Where declared hooks are loaded from. */
  readonly projectFolder: string;
}

/** Loads and attaches hooks, in order. One that can't be is recorded as failed; the others go on. */
export async function attachHooks(hooks: readonly AnyHook[], { sandbox, recorder, projectFolder }: AttachEnvironment): Promise<AttachedHook[]> {
  const attached: AttachedHook[] = [];
  const taken = new Set<string>(RESERVED);
  for (const written of hooks) {
    const name = unique(written.name, taken);
    recorder.hookAttached(name, originOf(written));
    const hook = 'from' in written ? loaded(written, projectFolder, (error) => sandbox.events.reportFailure({ subscriber: name, event: undefined, error })) : written;
    const one = hook === undefined ? undefined : await AttachedHook.attach(hook, { name, sandbox, recorder });
    if (one !== undefined) attached.push(one);
  }
  return attached;
}

/** Names that the runtime itself goes by. */
const RESERVED = ['lifecycle', 'libvirt', 'guest', 'run', 'program'];

function unique(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${name}-${number}`;
  taken.add(candidate);
  return candidate;
}

function originOf(hook: AnyHook): string {
  if ('from' in hook) return describeHook(hook);
  return 'kind' in hook ? 'inline' : `program#${hook.export}`;
}

function loaded(reference: HookReference, projectFolder: string, fail: (error: SandformError) => void): Hook | undefined {
  try {
    return loadHook(reference, { projectFolder });
  } catch (error) {
    fail(SandformError.from(error, `loading the hook '${reference.name}'`));
    return undefined;
  }
}
