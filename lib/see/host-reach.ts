import { type XmlElement, childOf, childrenOf } from '../domain-xml';
import type { TemplateOptions } from './domain-template';
import type { SeeReading } from './reading';
import { allDisks } from './template-disks';

/** Character devices that are of the guest and libvirt alone. */
const HARMLESS_BACKENDS: ReadonlySet<string> = new Set(['pty', 'null', 'vc', 'spicevmc', 'spiceport', 'qemu-vdagent']);

/**
 * What of a template opens a way from the guest into the host beside display, disks and networks: a mistake each, unless whoever runs it said
 * that the template is trusted.
 */
export function reachesIntoHost(root: XmlElement, { where, trusted }: TemplateOptions, reading: SeeReading): void {
  for (const { place, what } of [...ways(root)]) {
    if (trusted) reading.note('attention', `${where}: ${place}`, `carried over as the template is trusted: ${what}`);
    else reading.mistake('SEE_HOST_REACH', `${where}: ${place}`, { given: what });
  }
}

interface Way {
  readonly place: string;
  readonly what: string;
}

function* ways(root: XmlElement): Generator<Way> {
  const devices = childOf(root, 'devices');
  for (const child of root.children) {
    if (typeof child === 'object' && child.name.includes(':')) yield { place: child.name, what: 'arguments for the hypervisor itself, past all that libvirt checks' };
  }
  for (const label of childrenOf(root, 'seclabel')) {
    if (label.attributes['type'] === 'none' || label.attributes['relabel'] === 'no') yield { place: 'seclabel', what: "a machine that the host's security drivers do not confine" };
  }
  for (const [name, what] of Object.entries(ALWAYS)) if (childOf(devices, name) !== undefined) yield { place: `devices/${name}`, what };
  for (const { attributes } of allDisks(root)) {
    const { type = 'file' } = attributes;
    if (type !== 'file') yield { place: 'devices/disk', what: `a disk of type '${type}', which is written in place` };
  }
  for (const { attributes } of childrenOf(devices, 'interface')) {
    const { type = '' } = attributes;
    if (type !== 'network') yield { place: 'devices/interface', what: `a NIC of type '${type}', on which no egress rules hold` };
  }
  for (const name of ['serial', 'console', 'parallel', 'channel']) {
    for (const device of childrenOf(devices, name)) {
      const type = device.attributes['type'] ?? 'pty';
      const hasPath = Object.keys(childOf(device, 'source')?.attributes ?? {}).some((attribute) => ['path', 'host'].includes(attribute));
      if (!HARMLESS_BACKENDS.has(type) && !(type === 'unix' && !hasPath)) yield { place: `devices/${name}`, what: `a ${name} device that is a ${type} of the host` };
    }
  }
  for (const tpm of childrenOf(devices, 'tpm')) if (childOf(tpm, 'backend')?.attributes['type'] === 'passthrough') yield { place: 'devices/tpm', what: "the host's own TPM" };
  for (const card of childrenOf(devices, 'smartcard')) if ((card.attributes['mode'] ?? '').startsWith('host')) yield { place: 'devices/smartcard', what: "the host's smart card" };
}

const ALWAYS: Readonly<Record<string, string>> = {
  hostdev: 'a device of the host',
  filesystem: 'a folder of the host',
  shmem: 'memory shared with the host',
  redirdev: 'USB devices redirected from elsewhere',
  lease: 'a lock on the host',
};
