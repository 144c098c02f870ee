import { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import { POOL, asciiJson, baseVolumeName } from '../../lib';
import { domainElement, networkElement } from '../../lib/domain-xml';
import type { DomainModel, ProviderGeneration } from './provider-generation';
import { Resource } from './resource';
import { Placeholders, stylesheet } from './stylesheet';
import { literal } from './template';

const MEBIBYTE = 2 ** 20;

/**
 * dmacvicar/libvirt 0.8.3.
 *
 * Its attributes describe a domain only roughly, so the XML that it defines is replaced as a whole by ours (which needs
 * xsltproc where Terraform runs). What it reads back is then never quite what it was given, and an update in place would
 * power-cycle a guest: whatever changes is ignored, and a domain is replaced with the resources that stand for its parts.
 */
export const LIBVIRT_0_8: ProviderGeneration = {
  name: '0.8',

  declare(scope, id, uri) {
    new Libvirt(scope, id, uri);
  },

  volume(scope, id, model, { after = [], replacedWith = [] }) {
    const resource = new Resource(scope, id, {
      type: 'libvirt_volume',
      dependsOn: after,
      replacedWith,
      ignoreChanges: 'all',
      attributes: () => {
        const { name, format, size, base } = model();
        return { name, pool: POOL, format, size, ...(base === undefined ? {} : { base_volume_name: base, base_volume_pool: POOL }) };
      },
    });
    return { resource, path: () => `${resource.address}.id` };
  },

  seed(scope, id, model, { after = [] }) {
    const resource = new Resource(scope, id, {
      type: 'libvirt_cloudinit_disk',
      dependsOn: after,
      attributes: () => {
        const { name, userData, metaData, networkConfig } = model();
        return { name, pool: POOL, user_data: literal(userData), meta_data: literal(metaData), network_config: literal(networkConfig) };
      },
    });
    // The id is the path and, after a semicolon, something new for each seed.
    return { resource, path: () => `split(";", ${resource.address}.id)[0]` };
  },

  network(scope, id, model, { after = [] }) {
    const resource = new Resource(scope, id, {
      type: 'libvirt_network',
      dependsOn: after,
      // Another text of the same network, as another Sandform may write it, is no reason to tear it down.
      ignoreChanges: ['xml'],
      attributes: () => {
        const facts = model();
        const { name, bridge, forward, subnet } = facts;
        const mode = forward === 'isolated' ? 'none' : forward;
        return { name, bridge, mode, autostart: true, addresses: [subnet.toString()], xml: { xslt: stylesheet(networkElement(facts), new Placeholders()) } };
      },
    });
    return { resource, id: () => `${resource.address}.id` };
  },

  domain(scope, id, model, { after = [], replacedWith = [] }) {
    const resource = new Resource(scope, id, {
      type: 'libvirt_domain',
      dependsOn: after,
      replacedWith,
      ignoreChanges: 'all',
      attributes: () => {
        const facts = model();
        const { domain, running, volumes, seed } = facts;
        const disks = [...volumes.map(({ volume }) => volume), ...(seed === undefined ? [] : [seed])];
        return {
          name: domain.name,
          type: domain.accelerator === 'tcg' ? 'qemu' : 'kvm',
          memory: domain.memory / MEBIBYTE,
          vcpu: domain.vcpus,
          running,
          disk: disks.map((disk) => ({ volume_id: `\${${disk.path()}}` })),
          network_interface: domain.nics.map(({ network, mac }) => ({ network_name: network, mac: mac.toUpperCase() })),
          xml: { xslt: domainStylesheet(facts) },
        };
      },
    });
    return { resource, uuid: () => `${resource.address}.id` };
  },
};

function domainStylesheet({ domain, identity, uuid, volumes, seed, neighbour }: DomainModel): string {
  const placeholders = new Placeholders();
  const root = domainElement(domain, {
    uuid: placeholders.hold(uuid),
    // Put together by hand: as a value inside the JSON the placeholder would be escaped.
    metadata: { identity: `{"identity":{"birth":"${placeholders.hold('timestamp()')}",${asciiJson(identity).slice(1)},"domain":${asciiJson(domain)}}` },
    volumePath: (disk) => placeholders.hold(volumes.find((candidate) => candidate.disk === disk)?.volume.path() ?? '""'),
    baseVolumePath: (digest) => `${placeholders.hold(`dirname(${neighbour.path()})`)}/${baseVolumeName(digest)}`,
    seedPath: () => placeholders.hold(seed?.path() ?? '""'),
  });
  return stylesheet(root, placeholders);
}

class Libvirt extends TerraformProvider {
  constructor(
    scope: Construct,
    id: string,
    private readonly uri: () => string | undefined,
  ) {
    super(scope, id, {
      terraformResourceType: 'libvirt',
      terraformProviderSource: 'dmacvicar/libvirt',
      terraformGeneratorMetadata: { providerName: 'libvirt', providerVersionConstraint: '0.8.3' },
    });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const uri = this.uri();
    return uri === undefined ? {} : { uri: literal(uri) };
  }
}
