import { Token } from 'cdktf';
import { type Conduct, Duration, type DurationText, type HookDeclaration, type HookReference, type PowerPolicy } from '../lib';
import { type AddHookOptions, hookReference } from './hook-reference';
import { type Mistakes, readAll } from './mistakes';

/** A hook of a sandbox, as it was added. */
export interface AddedHook {
  readonly hook: HookDeclaration;
  readonly options: AddHookOptions;
}

/** What of a sandbox may change in place, as it was declared. */
export interface ConductDeclaration {
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: string | undefined;
  readonly ttl: DurationText | undefined;
  readonly power: PowerPolicy | undefined;
  readonly hooks: readonly AddedHook[];
}

/**
 * The conduct as the spec has it. Text is in Unicode's NFC, the form to which Terraform brings all text.
 * @throws SandformError what is wrong with any part
 */
export function declaredConduct({ labels, owner, ttl, power = 'on', hooks }: ConductDeclaration, mistakes: Mistakes): Conduct {
  const read = readAll({
    ttl: () => (ttl === undefined ? undefined : Duration.parse(ttl, mistakes.doing('ttl')).milliseconds),
    hooks: () => Object.values(readAll(Object.fromEntries(hooks.map((added, index) => [String(index), () => declaredHook(added, mistakes)])))),
  });
  return {
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, composed(value)])),
    ...(owner === undefined ? {} : { owner: composed(owner) }),
    ...(read.ttl === undefined ? {} : { ttl: read.ttl }),
    power,
    hooks: read.hooks,
  };
}

/** The reference by which the runtime finds a hook. */
export function declaredHook({ hook, options }: AddedHook, mistakes: Mistakes): HookReference {
  return hookReference(hook, options, mistakes.doing('hook'));
}

/** What is no text at all is told by a rule. */
function composed(text: string): string {
  return typeof text !== 'string' || Token.isUnresolved(text) ? text : text.normalize('NFC');
}
