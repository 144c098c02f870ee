import { isAmbiguousSession, libvirtUri } from '../../../lib';

describe('a libvirt URI', () => {
  it.each([
    ['qemu:///system', { driver: 'qemu', transport: 'unix', isRemote: false, isSession: false, socket: undefined }],
    ['qemu:///session', { driver: 'qemu', transport: 'unix', isRemote: false, isSession: true, socket: undefined }],
    ['qemu:///session?socket=/run/user/1000/libvirt/libvirt-sock', { driver: 'qemu', transport: 'unix', isRemote: false, isSession: true, socket: '/run/user/1000/libvirt/libvirt-sock' }],
    ['qemu:///system?socket=/session/sock', { driver: 'qemu', transport: 'unix', isRemote: false, isSession: false, socket: '/session/sock' }],
    ['qemu+unix:///system', { driver: 'qemu', transport: 'unix', isRemote: false, isSession: false, socket: undefined }],
    ['qemu://host/system', { driver: 'qemu', transport: 'tls', isRemote: true, isSession: false, socket: undefined }],
    ['qemu+ssh://me@host:2222/session?keyfile=/k', { driver: 'qemu', transport: 'ssh', isRemote: true, isSession: true, socket: undefined }],
    ['qemu+tls:///system', { driver: 'qemu', transport: 'tls', isRemote: true, isSession: false, socket: undefined }],
    ['test:///default', { driver: 'test', transport: 'unix', isRemote: false, isSession: false, socket: undefined }],
    ['nonsense', { driver: '', transport: 'unix', isRemote: false, isSession: false, socket: undefined }],
  ])('%s is read', (uri, parts) => expect(libvirtUri(uri)).toEqual(parts));

  it.each([
    ['qemu:///session', true],
    ['qemu+ssh://host/session', true],
    ['qemu:///session?socket=/run/s', false],
    ['qemu:///system', false],
  ])('%s leads clients to different places: %s', (uri, expected) => expect(isAmbiguousSession(uri)).toBe(expected));
});
