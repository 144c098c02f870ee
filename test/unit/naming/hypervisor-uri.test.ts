import { hypervisorUri, isDriverOf } from '../../../lib/naming';

describe('the URI of another hypervisor of the same libvirt', () => {
  it.each([
    ['qemu:///system', 'lxc', 'lxc:///system'],
    ['qemu:///system?socket=/run/s', 'lxc', 'lxc:///system?socket=/run/s'],
    ['qemu:///session?socket=/run/s', 'lxc', undefined],
    ['qemu:///system', 'vbox', 'vbox:///session'],
    ['qemu:///session?socket=/run/s', 'vbox', 'vbox:///session?socket=/run/s'],
    ['qemu:///system?socket=/run/s', 'vbox', 'vbox:///session'],
    ['qemu+ssh://me@there/system', 'vbox', 'vbox+ssh://me@there/session'],
    ['nonsense', 'vbox', undefined],
  ] as const)('of %s for %s is %s', (uri, hypervisor, expected) => {
    expect(hypervisorUri(uri, hypervisor)).toBe(expected);
  });
});

describe('a driver that a host names', () => {
  it.each([
    ['qemu:///system', 'test:///default'],
    ['qemu:///system', 'xen:///system?socket=/run/s'],
    ['qemu:///system?socket=/run/s', 'test+unix:///default?socket=/run/s'],
    ['qemu+unix:///system', 'bhyve:///system'],
    ['qemu+ssh://me@there/system?keyfile=/k', 'xen+ssh://me@there/system?keyfile=/k'],
    ['qemu://there/system', 'xen://there/system'],
  ])('on the machine of %s may be %s', (stack, uri) => {
    expect(isDriverOf(stack, uri)).toBe(true);
  });

  it.each([
    ['qemu:///system', 'qemu+ssh://elsewhere/system'],
    ['qemu:///system', 'qemu+ext:///system?command=/bin/rm'],
    ['qemu:///system', 'test+unix:///default?command=/bin/rm'],
    ['qemu:///system', 'esx://elsewhere/'],
    ['qemu+ssh://me@there/system', 'xen:///system'],
    ['qemu+ssh://me@there/system', 'xen+ssh://me@elsewhere/system'],
    ['qemu+ssh://me@there/system', 'xen+ssh://me@there/system?command=/bin/rm'],
    ['qemu:///system', 'no uri'],
  ])('never leads from %s to %s', (stack, uri) => {
    expect(isDriverOf(stack, uri)).toBe(false);
  });
});
