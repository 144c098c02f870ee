import { poolPath } from '../../../hooks-runtime/images';

describe('the folder of the pool', () => {
  it.each([
    ['qemu:///system', {}, '/var/lib/libvirt/images/sandform'],
    ['qemu+ssh://root@host/system', {}, '/var/lib/libvirt/images/sandform'],
    ['lxc:///', {}, '/var/lib/libvirt/images/sandform'],
    ['qemu:///system?socket=/session/sock', {}, '/var/lib/libvirt/images/sandform'],
    ['qemu:///session', { XDG_DATA_HOME: '/home/me/data' }, '/home/me/data/sandform/pool'],
    ['qemu:///system', { SANDFORM_POOL_PATH: '/srv/pool' }, '/srv/pool'],
    ['qemu+ssh://host/session', { SANDFORM_POOL_PATH: '/srv/pool' }, '/srv/pool'],
  ])('of %s with %j is %s', (uri, environment, expected) => {
    expect(poolPath(uri, environment)).toBe(expected);
  });

  it.each([
    ['qemu:///system', { SANDFORM_POOL_PATH: 'relative' }],
    ['qemu+ssh://host/session', {}],
  ])('of %s with %j is refused', (uri, environment) => {
    expect(() => poolPath(uri, environment)).toThrow(expect.objectContaining({ code: 'POOL_UNUSABLE' }));
  });
});
