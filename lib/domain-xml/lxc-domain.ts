import { CONTAINER_USERS, type DomainPart, type Nic } from '../spec';
import type { DomainXmlValues, HypervisorDomain } from './domain-xml';
import { type XmlElement, element } from './xml-element';

/** Microseconds over which the kernel counts processor time. */
const PERIOD = 100_000;

/** A container. It never shares the host's network, even where it has no NIC, and gets no more memory and processor time than a machine would. */
export const lxcDomain: HypervisorDomain = (domain, values) => ({
  type: 'lxc',
  settings: [
    element('os', {}, element('type', { arch: domain.arch }, 'exe'), ...init(domain)),
    idmap(domain),
    // `memory` alone would leave it the host's swap.
    element('memtune', {}, element('hard_limit', { unit: 'KiB' }, kibibytes(domain)), element('swap_hard_limit', { unit: 'KiB' }, kibibytes(domain))),
    // `vcpu` means nothing to a container.
    element('cputune', {}, element('period', {}, String(PERIOD)), element('quota', {}, String(domain.vcpus * PERIOD))),
    element('features', {}, element('privnet')),
    element('clock', { offset: 'utc' }),
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, 'restart'),
    element('on_crash', {}, 'destroy'),
  ],
  devices: [
    values.rootFolder === undefined ? undefined : filesystem({ source: values.rootFolder(), target: '/', readonly: false }),
    ...domain.filesystems.map(filesystem),
    ...domain.nics.map((nic, index) => interfaceElement(nic, index, values)),
    element('console', { type: 'pty' }),
  ],
});

function init({ container }: DomainPart): XmlElement[] {
  const [program = '/sbin/init', ...words] = container?.init ?? [];
  return [element('init', {}, program), ...words.map((word) => element('initarg', {}, word))];
}

function idmap({ container }: DomainPart): XmlElement | undefined {
  if (container?.userNamespace !== true) return undefined;
  const map = { start: 0, target: CONTAINER_USERS.first, count: CONTAINER_USERS.count };
  return element('idmap', {}, element('uid', map), element('gid', map));
}

function kibibytes({ memory }: DomainPart): string {
  return String(memory / 1024);
}

/** A veth pair, which has no model. Its address stands in it already: nothing in the container need ask for one. */
function interfaceElement({ mac, network, address, filter }: Nic, index: number, { linkOf }: DomainXmlValues): XmlElement {
  const link = address === undefined ? undefined : linkOf?.(network);
  return element(
    'interface',
    { type: 'network' },
    element('mac', { address: mac }),
    element('source', { network }),
    // libvirt 9.0 makes a name up too late for the filter ("filter binding has no port dev name").
    element('target', { dev: `sc${mac.replaceAll(':', '')}` }),
    element('guest', { dev: `eth${index}` }),
    link && element('ip', { address, family: 'ipv4', prefix: link.prefix }),
    link && index === 0 ? element('route', { family: 'ipv4', address: '0.0.0.0', prefix: 0, gateway: link.gateway }) : undefined,
    filter === undefined ? undefined : element('filterref', { filter }),
  );
}

function filesystem({ source, target, readonly }: { readonly source: string; readonly target: string; readonly readonly: boolean }): XmlElement {
  return element(
    'filesystem',
    { type: 'mount', accessmode: 'passthrough' },
    element('source', { dir: source }),
    element('target', { dir: target }),
    readonly ? element('readonly') : undefined,
  );
}
