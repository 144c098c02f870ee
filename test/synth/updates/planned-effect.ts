import type { Plan } from '../synthesized';
import type { UpdateKind } from './prop-changes';

/** A resource in a plan, by Terraform's address. */
type Resources = ReadonlyMap<string, Plan>;

/**
 * What Terraform does to the sandboxes and networks of a stack that was deployed by one plan when it is given another one, as
 * far as plans tell: attributes that are ignored, triggers, and what is replaced with what.
 */
export function plannedEffect(deployed: Plan, next: Plan): UpdateKind {
  const [before, after] = [resourcesOf(deployed), resourcesOf(next)];
  const replaced = replacedOnes(before, after);
  const changed = [...after].filter(([address, resource]) => !replaced.has(address) && differs(before.get(address), resource));
  const gone = [...before.keys()].filter((address) => !after.has(address));
  if ([...replaced].some((address) => /^libvirt_(domain|network)\./.test(address))) return 'replace';
  return replaced.size > 0 || changed.length > 0 || gone.length > 0 ? 'in place' : 'no-op';
}

function replacedOnes(before: Resources, after: Resources): ReadonlySet<string> {
  const replaced = new Set<string>();
  const isReplaced = (address: string, resource: Plan): boolean => {
    const old = before.get(address);
    if (old === undefined) return false;
    const triggers = [...((resource['lifecycle']?.replace_triggered_by ?? []) as string[])];
    // A trigger of its own that changed, or names something that is made anew.
    const own = JSON.stringify(resource['triggers_replace']) ?? '';
    return JSON.stringify(old['triggers_replace']) !== JSON.stringify(resource['triggers_replace']) || [...replaced].some((other) => triggers.includes(other) || own.includes(`\${${other}.`)) || mustBeReplaced(address, old, resource);
  };
  for (let size = -1; size !== replaced.size; ) {
    size = replaced.size;
    for (const [address, resource] of after) if (isReplaced(address, resource)) replaced.add(address);
  }
  return replaced;
}

/** A seed can't change. */
function mustBeReplaced(address: string, old: Plan, resource: Plan): boolean {
  return address.startsWith('libvirt_cloudinit_disk.') && differs(old, resource);
}

function differs(old: Plan | undefined, resource: Plan): boolean {
  const ignored: unknown = resource['lifecycle']?.ignore_changes ?? [];
  if (old === undefined) return true;
  if (ignored === 'all') return false;
  const seen = (plan: Plan) => JSON.stringify(Object.entries(plan).filter(([name]) => !(ignored as string[]).includes(name)).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return seen(old) !== seen(resource);
}

function resourcesOf(plan: Plan): Resources {
  const types = Object.entries(plan['resource'] as Record<string, Record<string, Plan>>);
  return new Map(types.flatMap(([type, instances]) => Object.entries(instances).map(([name, body]) => [`${type}.${name}`, body] as const)));
}
