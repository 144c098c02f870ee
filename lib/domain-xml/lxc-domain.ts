import type { HypervisorDomain } from './domain-xml';
import { type XmlElement, element } from './xml-element';

/** A container. It never shares the host's network, even where it has no NIC. */
export const lxcDomain: HypervisorDomain = (domain) => ({
  type: 'lxc',
  settings: [
    element('os', {}, element('type', { arch: domain.arch }, 'exe'), element('init', {}, '/sbin/init')),
    element('features', {}, element('privnet')),
    element('clock', { offset: 'utc' }),
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, 'restart'),
    element('on_crash', {}, 'destroy'),
  ],
  devices: [
    ...domain.filesystems.map(filesystem),
    // A container's NIC is a veth pair: it has no model.
    ...domain.nics.map(({ mac, network }) => element('interface', { type: 'network' }, element('mac', { address: mac }), element('source', { network }))),
    element('console', { type: 'pty' }),
  ],
});

function filesystem({ source, target, readonly }: { readonly source: string; readonly target: string; readonly readonly: boolean }): XmlElement {
  return element(
    'filesystem',
    { type: 'mount', accessmode: 'passthrough' },
    element('source', { dir: source }),
    element('target', { dir: target }),
    readonly ? element('readonly') : undefined,
  );
}
