import { Construct } from 'constructs';
import {
  COMPANION_CALLS,
  COMPANION_ENVIRONMENT,
  COMPANION_SCHEMA_VERSION,
  type CompanionInput,
  type CompanionMoment,
  type Conduct,
  type DomainInput,
  type Hypervisor,
  type ImageReference,
  type MakeInput,
  type SandboxOwnership,
  MARKER_SIZE,
  stackMarkerName,
  stackSettledName,
} from '../../lib';
import type { SeedDocuments } from '../../lib/discs';
import type { ProvidedVolume, ProviderGeneration } from './provider-generation';
import { TerraformData } from './resource';
import { type Expression, interpolation, literals } from './template';

/** What the companion looks after in one stack. Asked for when the app is synthesized. */
export interface CompanionModel {
  /** Of all that the stack is made of. */
  readonly digest: string;
  readonly app: string;
  readonly stack: string;
  /** Null: LIBVIRT_DEFAULT_URI of whoever deploys. */
  readonly uri: string | null;
  readonly images: readonly ImageReference[];
  readonly networks: readonly { readonly id: Expression; readonly name: string; readonly subnet?: string; readonly network6?: string }[];
  readonly sandboxes: readonly AccompaniedSandbox[];
}

export interface AccompaniedSandbox {
  readonly owner: SandboxOwnership;
  readonly domain: string;
  readonly driver: { readonly hypervisor: Hypervisor; readonly uri: string | undefined };
  readonly nics: DomainInput['nics'];
  readonly needs: DomainInput['needs'];
  readonly conduct: Conduct;
  readonly uuid: Expression;
  /** Of what no provider makes, so that the companion does. */
  readonly made: Pick<MakeInput, 'identity' | 'domain' | 'running'> | undefined;
}

/** What the seed of a domain holds. */
export interface SeedModel {
  readonly domain: string;
  readonly documents: SeedDocuments;
}

/**
 * The stack's steps on the host that no provider takes, as Terraform resources that call the companion:
 *
 * - `pool`, then the `marker` volume, whose absence makes all that follow run anew, as does that of the `settled` volume, which is
 *   missing after a deploy that died;
 * - `before`: images, networks, names, before anything is made;
 * - `after`: what no provider makes, what is written into sandboxes once they are there, and their release before they go.
 *
 * They are there in every stack, even an empty one: Terraform runs the destroy step of a key that went only where the
 * resource itself is still declared. `before` and `after` carry several inputs in one call, because each call is a process.
 */
export class Companion extends Construct {
  readonly before: TerraformData;
  /** Lies in the pool, and depends on nothing but that. */
  readonly marker: ProvidedVolume;

  constructor(
    scope: Construct,
    id: string,
    provider: ProviderGeneration,
    private readonly model: () => CompanionModel,
  ) {
    super(scope, id);
    const pool = new TerraformData(this, 'pool', {
      attributes: () => {
        const { uri, app, stack } = model();
        return { input: step([{ ...common(uri), action: 'pool', owner: { app, stack } }]), triggers_replace: literals([uri, app, stack]) };
      },
      provisioners: [provisioner('create')],
    });
    this.marker = provider.volume(this, 'marker', () => ({ name: stackMarkerName(model().stack), format: 'raw', size: MARKER_SIZE }), { after: [pool] });
    const settled = provider.volume(this, 'settled', () => ({ name: stackSettledName(model().stack), format: 'raw', size: MARKER_SIZE }), { after: [pool] });
    this.before = new TerraformData(this, 'before', {
      forEach: () => keyed('host', inputsBefore(model()).map((input) => [input])),
      attributes: () => ({ input: interpolation('each.value.input'), triggers_replace: interpolation(`[each.value.input, ${this.marker.path()}, ${settled.path()}]`) }),
      provisioners: [provisioner('create'), provisioner('destroy')],
    });
    new TerraformData(this, 'after', {
      // Their inputs name the domains, so they come after those, and go before them.
      forEach: () => ({ ...conducts(model(), this.before), ...releases(model()) }),
      attributes: () => ({ input: interpolation('each.value.input'), triggers_replace: interpolation('try(each.value.trigger, [each.value.input, each.value.made])') }),
      provisioners: [provisioner('create'), provisioner('destroy')],
    });
  }

  /**
   * Writes documents into the volume of a seed, whenever one or the other is new. By itself, below its sandbox: documents may hold secrets, and
   * of what is told secrets Terraform shows no output.
   */
  seed(scope: Construct, id: string, volume: ProvidedVolume, seed: () => SeedModel): TerraformData {
    return new TerraformData(scope, id, {
      attributes: () => {
        const { domain, documents } = seed();
        return { input: step([{ ...common(this.model().uri), action: 'seed', name: domain, documents }]), triggers_replace: [interpolation(volume.path()), literals(documents)] };
      },
      provisioners: [provisioner('create')],
    });
  }
}

function inputsBefore({ app, stack, uri, digest, images, networks, sandboxes }: CompanionModel): CompanionInput[] {
  return [
    { ...common(uri), action: 'begin', owner: { app, stack }, digest },
    ...images.map((image) => ({ ...common(uri), action: 'image' as const, image })),
    ...networks.map(({ id: _, ...network }) => ({ ...common(uri), action: 'network' as const, owner: { app, stack }, ...network })),
    ...sandboxes.map(({ owner, domain, driver, nics, needs }) => ({ ...common(uri), ...onDriver(driver), action: 'domain' as const, owner, name: domain, nics, ...(needs === undefined ? {} : { needs }) })),
  ];
}

/** The conduct of each sandbox, and at the end that the stack is settled: written anew whenever something was prepared or a network made. */
function conducts({ app, stack, uri, networks, sandboxes }: CompanionModel, before: TerraformData): Record<string, Keyed> {
  // What is made and its conduct go together: calls run side by side.
  const inputs = sandboxes.map(({ owner, domain, driver, conduct, uuid, made }): CompanionInput[] => [
    ...(made === undefined ? [] : [{ ...common(uri), ...onDriver(driver), action: 'make', uuid, ...made } as const]),
    { ...common(uri), ...onDriver(driver), action: 'conduct', owner, name: domain, conduct, uuid },
  ]);
  const made = interpolation(`[values(${before.address})[*].id, [${networks.map(({ id }) => id).join(', ')}]]`);
  const calls = keyed('conduct', [...inputs, [{ ...common(uri), action: 'settle', owner: { app, stack } }]]);
  return Object.fromEntries(Object.entries(calls).map(([key, call]) => [key, { ...call, made }]));
}

/** A key for each, and replaced with its very domain: what is released is powered off. */
function releases({ uri, sandboxes }: CompanionModel): Record<string, Keyed> {
  return Object.fromEntries(
    sandboxes.map(({ owner, domain, driver, uuid }) => {
      const input = step([{ ...common(uri), ...onDriver(driver), action: 'release', owner, name: domain, uuid }]);
      return [`release/${owner.sandbox}`, { input, trigger: interpolation(uuid) }];
    }),
  );
}

/** Which driver has the domain, where it is not the stack's own. */
function onDriver({ hypervisor, uri }: AccompaniedSandbox['driver']): Pick<DomainInput, 'hypervisor' | 'driver'> {
  return hypervisor === 'qemu' ? {} : { hypervisor, ...(uri === undefined ? {} : { driver: uri }) };
}

function common(uri: string | null) {
  return { schemaVersion: COMPANION_SCHEMA_VERSION, uri } as const;
}

/** Characters of JSON in one call at most: an environment variable holds 128 KiB. */
const LONGEST_CALL = 64 * 2 ** 10;
/** Found from Terraform's working directory upwards, in node_modules or in a checkout of this package. */
const COMMAND = "node -e 'require(\\\"sandform/companion\\\")'";
const NOTHING = ':';

/** One call, and whether it is made at all. */
interface Step {
  readonly create: boolean;
  readonly destroy: boolean;
  readonly call: unknown;
}

interface Keyed {
  readonly input: Step;
  /** What replaces it. @default any change of its input */
  readonly trigger?: string;
  /** What must be there before, and whose replacement has it called anew. */
  readonly made?: string;
}

function step(call: readonly CompanionInput[]): Step {
  const isCalled = (moment: CompanionMoment) => call.some(({ action }) => (COMPANION_CALLS[moment] as readonly string[]).includes(action));
  return { create: isCalled('create'), destroy: isCalled('destroy'), call: call.map(rendered) };
}

/** Texts as they are, but for the UUID, which is an expression. */
function rendered(input: CompanionInput): unknown {
  return 'uuid' in input ? { ...literals(input), uuid: interpolation(input.uuid) } : literals(input);
}

/** Inputs in as few calls as fit, each under a key of its own. What stands together stays together. */
function keyed(prefix: string, groups: readonly (readonly CompanionInput[])[]): Record<string, Keyed> {
  const calls: CompanionInput[][] = [];
  let room = 0;
  for (const group of groups) {
    const length = JSON.stringify(group).length;
    const call = calls.at(-1);
    if (call === undefined || length > room) calls.push([...group]);
    else call.push(...group);
    room = (call === undefined || length > room ? LONGEST_CALL : room) - length;
  }
  return Object.fromEntries(calls.map((call, index) => [`${prefix}/${index}`, { input: step(call) }]));
}

/** Runs nothing where there is nothing to do: a create step that fails would keep the destroy step from ever running. */
function provisioner(when: CompanionMoment): { type: 'local-exec'; when: CompanionMoment; command: string; environment: Record<string, string> } {
  return {
    type: 'local-exec',
    when,
    command: interpolation(`self.input.${when} ? "${COMMAND}" : "${NOTHING}"`),
    environment: { [COMPANION_ENVIRONMENT.input]: interpolation('jsonencode(self.input.call)'), [COMPANION_ENVIRONMENT.when]: when },
  };
}
