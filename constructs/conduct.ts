import { Token } from 'cdktf';
import { type Conduct, Duration, type Egress, type DurationText, type HookDeclaration, type HookReference, type PowerPolicy } from '../lib';
import { type AddHookOptions, hookReference } from './hook-reference';
import { type Mistakes, type Rule, readAll } from './mistakes';

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
  /** Where the sandbox says nothing. */
  readonly defaultTtl: Duration | undefined;
  readonly power: PowerPolicy | undefined;
  readonly hooks: readonly AddedHook[];
  readonly egress: Egress | undefined;
}

/**
 * The conduct as the spec has it. Text is in Unicode's NFC, the form to which Terraform brings all text.
 * @throws SandformError what is wrong with any part
 */
export function declaredConduct({ labels, owner, ttl, defaultTtl, power = 'on', hooks, egress }: ConductDeclaration, mistakes: Mistakes): Conduct {
  const [duration = defaultTtl, references] = readAll([() => declaredTtl(ttl, mistakes), () => readAll(hooks.map((added) => () => declaredHook(added, mistakes)))]);
  return {
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, composed(value)])),
    ...(owner === undefined ? {} : { owner: composed(owner) }),
    ...(duration === undefined ? {} : { ttl: duration.milliseconds }),
    power,
    hooks: references,
    ...(egress === undefined ? {} : { egress }),
  };
}

/** @throws SandformError `DURATION_INVALID`, `PROP_INVALID` */
export function declaredTtl(ttl: DurationText | undefined, mistakes: Mistakes): Duration | undefined {
  if (ttl === undefined) return undefined;
  const duration = Duration.parse(ttl, mistakes.doing('ttl'));
  if (duration.milliseconds > 0) return duration;
  throw mistakes.mistake('PROP_INVALID', 'ttl', { given: ttl, expected: 'a time in which something can be done', fix: 'make it longer, or leave it out' });
}

/** Who answers for sandboxes is named in metadata and lists. */
export function ownerRule(owner: unknown): Rule {
  const fits = owner === undefined || (typeof owner === 'string' && (Token.isUnresolved(owner) || (owner.length > 0 && owner.length <= LONGEST_OWNER && owner.isWellFormed())));
  return [fits, 'owner', owner, `text of 1 to ${LONGEST_OWNER} characters`, 'shorten it'];
}

const LONGEST_OWNER = 256;

/** The reference by which the runtime finds a hook. */
export function declaredHook({ hook, options }: AddedHook, mistakes: Mistakes): HookReference {
  return hookReference(hook, options, mistakes.doing('hook'));
}

/** What is no text at all is told by a rule. */
function composed(text: string): string {
  return typeof text !== 'string' || Token.isUnresolved(text) ? text : text.normalize('NFC');
}
