import { isInThisNamespace, routesIn } from '../../../hooks-runtime/companion/host-routes';

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010010AC	0003	0	0	0	00000000	0	0	0
eth0	000010AC	00000000	0001	0	0	0	0000FFFF	0	0	0
virbr0	0003580A	00000000	0001	0	0	0	00FFFFFF	0	0	0
wg0	0500000A	00000000	0005	0	0	0	FFFFFFFF	0	0	0
`;

const SOCKETS = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/libvirt/libvirt-sock
0000000000000000: 00000003 00000000 00000000 0001 03 12346
0000000000000000: 00000002 00000000 00010000 0001 01 12347 @/tmp/abstract
`;

describe('the routes of a host', () => {
  it('are read without the default route', () => {
    expect(routesIn(ROUTES).map(({ subnet, through }) => `${subnet.toString()} ${through}`)).toEqual(['172.16.0.0/16 eth0', '10.88.3.0/24 virbr0', '10.0.0.5/32 wg0']);
  });

  it.each(['', 'nonsense', 'Iface\neth0 zz', '\n\n'])('are none in %p', (table) => {
    expect(routesIn(table)).toEqual([]);
  });

  it.each([
    ['qemu:///system', true],
    ['lxc:///system', true],
    ['qemu:///system?socket=/run/libvirt/libvirt-sock', true],
    ['qemu:///system?socket=/run/sandform/host/x/libvirt/libvirt-sock', false],
    ['qemu+ssh://host/system', false],
    ['qemu://host/system', false],
    ['nonsense', false],
  ])('are those of libvirt at %s: %p', (uri, expected) => {
    expect(isInThisNamespace(uri, SOCKETS)).toBe(expected);
  });
});
