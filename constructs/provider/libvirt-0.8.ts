import { type NetworkForward, POOL } from '../../lib';
import { domainElement, networkElement } from '../../lib/domain-xml';
import { constant } from '../constant';
import { domainValues } from './domain-values';
import { LibvirtProvider } from './libvirt-provider';
import { Placeholders } from './placeholders';
import type { DomainModel, ProviderGeneration } from './provider-generation';
import { Resource } from './resource';
import schema from './schema/libvirt-0.8.json';
import { stylesheet } from './stylesheet';

const MEBIBYTE = 2 ** 20;
const MODES: Readonly<Record<NetworkForward, string>> = { isolated: 'none', nat: 'nat', routed: 'route', bridge: 'bridge' };

/**
 * dmacvicar/libvirt 0.8.3.
 *
 * Its attributes describe a domain only roughly, so the XML that it defines is replaced as a whole by ours (which needs
 * xsltproc where Terraform runs). What it reads back is then never quite what it was given, and an update in place would
 * power-cycle a guest: whatever changes is ignored, and a domain is replaced with the resources that stand for its parts.
 */
export const LIBVIRT_0_8: ProviderGeneration = {
  name: '0.8',
  version: '0.8.3',
  schema: schema,
  harmful: [
    { at: 'libvirt_domain.metadata', harm: 'is written to nowhere' },
    { at: 'libvirt_domain.qemu_agent', harm: 'has the provider ask the agent of a hostile guest' },
    { at: 'libvirt_domain.network_interface.wait_for_lease', harm: 'fails the deploy of a guest that asks for no address' },
    { at: 'libvirt_volume.source', harm: 'uploads a file of the machine that deploys, for each sandbox anew' },
  ],

  // libvirt's daemon sends a byte when it has looked at the certificate, which this version takes for the beginning of an answer.
  closedWays: { tls: 'it connects, and then waits for ever' },

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
        const { name, format, size, base } = model();
        return { name, pool: POOL, format, size, ...(base === undefined ? {} : { base_volume_name: base.name, base_volume_pool: POOL }) };
      },
    });
    return { resource, path: () => `${resource.address}.id` };
  },

  network(scope, id, model, { after = [], replacedWith = [] }) {
    const resource = new Resource(scope, id, {
      type: 'libvirt_network',
      dependsOn: after,
      replacedWith,
      // Another text of the same network, as another Sandform may write it, is no reason to tear it down.
      ignoreChanges: ['xml'],
      attributes: () => {
        const facts = model();
        const { name, bridge, forward, link } = facts;
        const addresses = link === undefined ? [] : [link.subnet.toString(), ...(link.network6 === undefined ? [] : [`${link.network6}/64`])];
        return { name, bridge, mode: MODES[forward], autostart: true, addresses, ...(link === undefined ? {} : { domain: link.domain }), xml: { xslt: stylesheet(networkElement(facts), new Placeholders()) } };
      },
    });
    return { resource, id: () => `${resource.address}.id` };
  },

  homelessXml: () => [],

  domain(scope, id, model, { after = [], replacedWith = [] }) {
    const xslt = constant(() => domainStylesheet(model()));
    const resource = new Resource(scope, id, {
      type: 'libvirt_domain',
      dependsOn: after,
      replacedWith,
      ignoreChanges: 'all',
      attributes: () => {
        const { domain, running, volumes, seed } = model();
        const disks = [...volumes.map(({ volume }) => volume), ...(seed === undefined ? [] : [seed])];
        return {
          name: domain.name,
          type: domain.accelerator === 'tcg' ? 'qemu' : 'kvm',
          memory: domain.memory / MEBIBYTE,
          vcpu: domain.vcpus,
          running,
          disk: disks.map((disk) => ({ volume_id: `\${${disk.path()}}` })),
          network_interface: domain.nics.filter(({ userMode }) => userMode === undefined).map(({ network, mac }) => ({ network_name: network, mac: mac.toUpperCase() })),
          xml: { xslt: xslt() },
        };
      },
    });
    return { resource, uuid: () => `${resource.address}.id` };
  },
};

function domainStylesheet(model: DomainModel): string {
  const placeholders = new Placeholders();
  const root = domainElement(model.domain, { uuid: placeholders.hold(model.uuid), ...domainValues(model, placeholders) });
  return stylesheet(root, placeholders);
}
