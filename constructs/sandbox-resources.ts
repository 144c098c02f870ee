import type { Construct } from 'constructs';
import { type DomainPart, type Hypervisor, type Identity, SandformError, baseVolumeName, canonicalJson, volumeName } from '../lib';
import { SEED_SIZE, type SeedDocuments } from '../lib/discs';
import { ROOT_DISK } from './disk';
import type { ProvidedDomain, ProvidedNetwork } from './provider/provider-generation';
import { TerraformData } from './provider/resource';
import { interpolation, literal } from './provider/template';
import type { StackContext } from './stack-context';

/** What the resources of a sandbox are made from. Functions are asked when the app is synthesized. */
export interface SandboxFacts {
  readonly domainName: string;
  readonly hypervisor: Hypervisor;
  readonly running: boolean;
  /** Names of the disks beside the root disk. */
  readonly extraDisks: readonly string[];
  /** Documents for the seed, if there is one. */
  readonly seed: (() => SeedDocuments) | undefined;
  /** Networks of the same stack. */
  readonly networks: readonly { readonly provided: ProvidedNetwork | undefined; readonly traits: Readonly<Record<string, string | undefined>> }[];
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly domain: () => DomainPart;
  readonly identity: () => Identity;
}

/**
 * Declares the resources of a sandbox, below its construct:
 *
 * - `generation` changes with anything that the sandbox is made of, its networks included, and with it its disks are made anew;
 * - `root`, `disk-NAME`, `seed`: its disks; `seed-documents` writes what the seed holds;
 * - `body` changes with each of its disks and networks, and with it the domain is made anew. The domain has its id as UUID,
 *   so that a domain that was defined but failed to start is taken up by the next deploy;
 * - `domain`: never changed in place. What no provider knows has none: the companion makes it, with the id of its body as UUID.
 */
export function declareSandbox(scope: Construct, { provider, companion }: StackContext, facts: SandboxFacts): Pick<ProvidedDomain, 'uuid'> {
  const { domainName, hypervisor, running, seed, networks, overrides } = facts;
  const after = [companion.before];
  const onHost = networks.flatMap(({ provided }) => provided ?? []);
  const generation = new TerraformData(scope, 'generation', {
    attributes: () => ({ triggers_replace: [facts.identity(), overrides, networks.map(({ traits }) => traits)].map(canonicalJson).map(literal) }),
  });
  const disks = hypervisor !== 'qemu' ? [] : [ROOT_DISK, ...facts.extraDisks];
  const volumes = disks.map((disk) => {
    const volume = provider.volume(scope, disk === ROOT_DISK ? ROOT_DISK : `disk-${disk}`, () => ({ ...volumeModel(facts, disk), neighbour: companion.marker }), { after, replacedWith: [generation] });
    return { disk, volume };
  });
  const seedVolume = seed === undefined ? undefined : provider.volume(scope, 'seed', () => ({ name: volumeName(domainName, 'seed', 'iso'), format: 'raw', size: SEED_SIZE }), { after, replacedWith: [generation] });
  const seeded = seedVolume === undefined || seed === undefined ? [] : [companion.seed(scope, 'seed-documents', seedVolume, () => ({ domain: domainName, documents: seed() }))];
  const body = new TerraformData(scope, 'body', {
    attributes: () => ({
      triggers_replace: [`${generation.address}.id`, ...volumes.map(({ volume }) => volume.path()), ...seeded.map(({ address }) => `${address}.id`), ...onHost.map((network) => network.id())].map(interpolation),
    }),
  });
  if (hypervisor !== 'qemu') return { uuid: () => `${body.address}.id` };
  const domain = provider.domain(
    scope,
    'domain',
    () => ({
      domain: facts.domain(),
      identity: facts.identity(),
      uuid: `${body.address}.id`,
      running,
      volumes,
      ...(seedVolume === undefined ? {} : { seed: seedVolume }),
      neighbour: companion.marker,
    }),
    { after: [...after, ...onHost.map(({ resource }) => resource)], replacedWith: [body] },
  );
  for (const [path, value] of Object.entries(overrides)) domain.resource.addOverride(path, value);
  return domain;
}

function volumeModel({ domain, domainName }: SandboxFacts, disk: string) {
  const found = domain().disks.find(({ name }) => name === disk);
  if (found === undefined) throw new SandformError('INTERNAL', { doing: `${domainName}: looking up disk '${disk}'` });
  const { size, image } = found;
  return { name: volumeName(domainName, disk, 'qcow2'), format: 'qcow2' as const, size, ...(image === undefined ? {} : { base: { name: baseVolumeName(image.digest), format: image.format } }) };
}
