import { type DomainPart, POOL } from '../../lib';
import { type DomainXmlValues, domainElement, networkElement } from '../../lib/domain-xml';
import { constant } from '../constant';
import { type TranslatedXml, attributesFromXml } from './attributes-from-xml';
import { domainValues, folderOf } from './domain-values';
import { LibvirtProvider } from './libvirt-provider';
import { Placeholders } from './placeholders';
import type { DomainModel, ProviderGeneration } from './provider-generation';
import type { ProviderSchema, SchemaAttributes } from './provider-schema';
import { Resource } from './resource';
import schema from './schema/libvirt-0.9.json';
import { interpolation } from './template';

const { resources } = schema as ProviderSchema;

/**
 * dmacvicar/libvirt 0.9.7.
 *
 * Its attributes are libvirt's XML under other names, so they are translated from ours. It silently drops nested ones that it
 * does not know, and a changed one power-cycles a running domain and then fails the apply: whatever changes is ignored, and a
 * domain is replaced with the resources that stand for its parts.
 */
export const LIBVIRT_0_9: ProviderGeneration = {
  name: '0.9',
  version: '0.9.7',
  schema: schema,
  harmful: [
    { at: 'libvirt_domain.update', harm: 'is for updates in place, which power-cycle the guest and then fail' },
    { at: 'libvirt_domain.create.autodestroy', harm: 'ends the domain with the connection that made it' },
    { at: 'libvirt_domain.devices.interfaces.wait_for_ip', harm: 'fails the deploy of a guest that asks for no address' },
    { at: 'libvirt_domain.devices.interfaces.ip', harm: 'is ignored by QEMU' },
    { at: 'libvirt_volume.type', harm: 'is decided by the pool' },
  ],

  closedWays: {},

  declare(scope, id, uri) {
    new LibvirtProvider(scope, id, this.version, uri);
  },

  volume(scope, id, model, { after = [], replacedWith = [] }) {
    const resource = new Resource(scope, id, {
      type: 'libvirt_volume',
      dependsOn: after,
      replacedWith,
      ignoreChanges: 'all',
      attributes: () => {
        const { name, format, size, base, neighbour } = model();
        const below = base === undefined || neighbour === undefined ? {} : { backing_store: { path: `${interpolation(folderOf(neighbour))}/${base.name}`, format: { type: base.format } } };
        return { name, pool: POOL, capacity: size, target: { format: { type: format } }, ...below };
      },
    });
    return { resource, path: () => `${resource.address}.path` };
  },

  network(scope, id, model, { after = [], replacedWith = [] }) {
    const resource = new Resource(scope, id, {
      type: 'libvirt_network',
      dependsOn: after,
      replacedWith,
      ignoreChanges: 'all',
      attributes: () => ({ ...attributesFromXml(networkElement(model()), attributesOf('libvirt_network'), new Placeholders()).attributes, autostart: true }),
    });
    return { resource, id: () => `${resource.address}.uuid` };
  },

  domain(scope, id, model, { after = [], replacedWith = [] }) {
    const known = constant(() => ({ ...translated(model()), running: model().running }));
    const resource = new Resource(scope, id, {
      type: 'libvirt_domain',
      dependsOn: after,
      replacedWith,
      ignoreChanges: 'all',
      // The CDK writes overrides into what it is given.
      attributes: () => structuredClone(known()),
    });
    return { resource, uuid: () => `${resource.address}.uuid` };
  },

  homelessXml(domain) {
    const nowhere = () => '';
    return domainAttributes(domain, { volumePath: nowhere, baseVolumePath: nowhere, seedPath: nowhere, consolePath: nowhere }, new Placeholders()).homeless;
  },
};

function translated(model: DomainModel): TranslatedXml['attributes'] {
  const placeholders = new Placeholders();
  return domainAttributes(model.domain, domainValues(model, placeholders), placeholders).attributes;
}

function domainAttributes(domain: DomainPart, values: DomainXmlValues, placeholders: Placeholders): TranslatedXml {
  return attributesFromXml(domainElement(domain, values), attributesOf('libvirt_domain'), placeholders);
}

function attributesOf(type: string): SchemaAttributes {
  return resources[type]?.attributes ?? {};
}
