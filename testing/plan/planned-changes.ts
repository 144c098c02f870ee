import type { SynthesizedStack } from './synthesized';

/** What a deploy does to a sandbox or network. */
export type PlannedChange = 'create' | 'destroy' | 'replace' | 'in place' | 'no-op';

/** What decides of a resource in a plan. */
interface PlannedResource {
  readonly '//'?: { readonly metadata?: { readonly path?: string } };
  readonly triggers_replace?: unknown;
  readonly lifecycle?: { readonly replace_triggered_by?: readonly string[]; readonly ignore_changes?: readonly string[] | 'all' };
  readonly for_each?: Readonly<Record<string, { readonly input?: { readonly call?: readonly CompanionCall[] } }>>;
}

interface CompanionCall {
  readonly action: string;
  readonly owner: { readonly sandbox?: string };
  readonly conduct?: unknown;
}

interface PlannedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, PlannedResource>>>>;
}

/** By Terraform's address. */
type Resources = ReadonlyMap<string, PlannedResource>;

/**
 * What Terraform does to each sandbox and network, by its name, where a stack that was deployed by one plan is given another
 * one; as far as plans tell: attributes that are ignored, triggers, and what is replaced with what.
 */
export function plannedChanges(deployed: Pick<SynthesizedStack, 'plan'>, next: Pick<SynthesizedStack, 'plan'>): Readonly<Record<string, PlannedChange>> {
  const [before, after] = [resourcesOf(deployed.plan), resourcesOf(next.plan)];
  const replaced = replacedOnes(before, after);
  const all = new Map([...before, ...after]);
  const provided = [...all].filter(([address]) => /^libvirt_(domain|network)\./.test(address));
  // No provider makes containers: what stands for one is its body.
  const names = new Set(provided.map(([, resource]) => nameOf(resource)));
  const bodies = [...all].filter(([address, resource]) => address.startsWith('terraform_data.') && /\/body$/.test(pathOf(resource)) && !names.has(nameOf(resource)));
  const things = [...provided, ...bodies];
  const [conducts, wasConducts] = [conductsOf(next.plan), conductsOf(deployed.plan)];
  return Object.fromEntries(
    things.map(([address, resource]) => {
      const name = nameOf(resource);
      const change = (): PlannedChange => {
        if (!before.has(address)) return 'create';
        if (!after.has(address)) return 'destroy';
        if (replaced.has(address)) return 'replace';
        return differs(before.get(address), resource) || wasConducts[name] !== conducts[name] ? 'in place' : 'no-op';
      };
      return [name, change()];
    }),
  );
}

/** Addresses of what is made anew. */
function replacedOnes(before: Resources, after: Resources): ReadonlySet<string> {
  const replaced = new Set<string>();
  const isReplaced = (address: string, resource: PlannedResource): boolean => {
    const old = before.get(address);
    if (old === undefined) return false;
    const own = JSON.stringify(resource.triggers_replace ?? null);
    if (JSON.stringify(old.triggers_replace ?? null) !== own) return true;
    const triggers = resource.lifecycle?.replace_triggered_by ?? [];
    return [...replaced].some((other) => triggers.includes(other) || own.includes(`\${${other}.`));
  };
  for (let size = -1; size !== replaced.size; ) {
    size = replaced.size;
    for (const [address, resource] of after) if (isReplaced(address, resource)) replaced.add(address);
  }
  return replaced;
}

function differs(old: PlannedResource | undefined, resource: PlannedResource): boolean {
  const ignored = resource.lifecycle?.ignore_changes ?? [];
  if (ignored === 'all') return false;
  const seen = (one: PlannedResource = {}) => JSON.stringify(Object.entries(one).filter(([name]) => !ignored.includes(name)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return seen(old) !== seen(resource);
}

/** What the companion is told of each sandbox after it is there, as text, by the sandbox's name. */
function conductsOf({ resource = {} }: PlannedStack): Readonly<Record<string, string>> {
  const keyed = Object.values(resource['terraform_data'] ?? {}).flatMap((data) => Object.values(data.for_each ?? {}));
  const calls = keyed.flatMap(({ input }) => input?.call ?? []);
  return Object.fromEntries(calls.flatMap(({ action, owner, conduct }) => (action === 'conduct' ? [[owner.sandbox ?? '', JSON.stringify(conduct)]] : [])));
}

/** Its name within the stack: the path of its construct, with dashes. */
function nameOf(resource: PlannedResource): string {
  return pathOf(resource).split('/').slice(1, -1).join('-');
}

function pathOf(resource: PlannedResource): string {
  return resource['//']?.metadata?.path ?? '';
}

function resourcesOf({ resource = {} }: PlannedStack): Resources {
  return new Map(Object.entries(resource).flatMap(([type, instances]) => Object.entries(instances).map(([name, body]) => [`${type}.${name}`, body] as const)));
}
