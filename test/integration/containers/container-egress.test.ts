import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type ConnectedSandbox, type RunningCommand, connect } from '../../../hooks-runtime';
import { readNetworkXml } from '../../../lib/domain-xml';
import { LINK_LOCAL, eui64Address } from '../../../lib/network';
import { busyboxRoot } from '../fixtures/busybox-root';
import { eventually } from '../fixtures/eventually';
import { greetingServer } from '../fixtures/greeting-server';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';
import { FrameProbe } from '../networks/frame-probe';
import { BROADCAST, ETHERTYPE, PROTOCOL, arp, dnsQuestion, ethernet, icmpEcho, ipv4, ipv6, tagged, tcpSyn, udp } from '../networks/frames';
import { inside } from '../networks/inside';

let host: OwnHost;
let project: TestProject;
let box: ConnectedSandbox;
let probe: FrameProbe;
let server: ChildProcess;
let sender: RunningCommand;
let sent: AsyncIterator<string>;
let gateway: { mac: string; address: string; network6: string };
let own: { mac: string; address: string };
let peer: { mac: string; address: string };

/** An address beyond the network, which the host of the test has itself. */
const OUTSIDE = '203.0.113.7';

/** Sends each line of hexadecimal as a frame, five times, and says so. By the host's perl, which the container sees. */
const SENDER = `open(F, "/sys/class/net/eth0/ifindex"); chomp(my $index = <F>); $| = 1;
socket(my $raw, 17, 3, 0) or die "$!"; my $to = pack("S n i S C C a8", 17, 3, $index, 0, 0, 6, "");
while (my $line = <STDIN>) { chomp $line; send($raw, pack("H*", $line), 0, $to) or die "$!" for 1 .. 5; print "sent\\n" }`;

/** A container and a virtual machine on one network. */
const declare = (egress: string) => `
  const lab = new SandboxStack(app, 'lab');
  const net = new SandboxNetwork(lab, 'net', { forward: 'nat', ipv6: true });
  const peer = new Sandbox(lab, 'peer', { guest: Guest.micro(), networks: [net] });
  new Sandbox(lab, 'box', { guest: Guest.container(RootFilesystem.fromTarball('root.tar.gz')), networks: [net], mounts: ['/usr/bin', '/usr/lib', '/usr/lib64'].map((folder) => ({ source: folder, target: folder }))${egress} });`;

beforeAll(async () => {
  host = await OwnHost.up('lxc-egress');
  project = TestProject.create(host, declare(''));
  project.write('root.tar.gz', readFileSync(busyboxRoot()));
  await inside(host, 'ip', 'address', 'add', `${OUTSIDE}/32`, 'dev', 'lo');
  server = await greetingServer(host, 80, 81);
  await project.deployed('lab');
  box = await connect('lab/box', { uri: host.uri });
  const neighbour = await connect('lab/peer', { uri: host.uri });
  [own, peer] = [box, neighbour].map(({ spec }) => ({ mac: spec.domain.nics[0]!.mac, address: spec.domain.nics[0]!.address! })) as [typeof own, typeof peer];
  await neighbour.waitForGuest();
  await neighbour.commands.run(['sh', '-c', 'for port in 8080 8081; do while echo -n hello | nc -l -p $port; do :; done >/dev/null 2>&1 & done'], { timeout: '10s' });
  await neighbour[Symbol.asyncDispose]();
  const { address = '', mac = '', network6 = '' } = readNetworkXml(host.virsh('net-dumpxml', 'lab-net'))?.host ?? {};
  gateway = { address, mac, network6 };
  probe = await FrameProbe.on(host.instance, `sc${own.mac.replaceAll(':', '')}`);
  await box.commands.run('ln -s usr/lib /lib; ln -s usr/lib64 /lib64');
  await box.files.write('/root/send', SENDER);
  sender = await box.commands.start(['/usr/bin/perl', '/root/send']);
  sent = createInterface(sender.stdout)[Symbol.asyncIterator]();
});

afterAll(async () => {
  await probe?.remove();
  await box?.[Symbol.asyncDispose]();
  server?.kill();
  await project?.destroyed('lab');
  expect(await host.leftovers({ images: true })).toEqual([]);
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

async function inBox(script: string): Promise<string> {
  return (await box.commands.run(script, { timeout: '30s' })).stdout.trim();
}

const reaches = async (target: string, port: number) => (await inBox(`nc -w 2 ${target} ${port} </dev/null 2>/dev/null`)) === 'hello';

async function changeEgress(egress: string): Promise<void> {
  const before = await inBox('cut -d" " -f22 /proc/1/stat');
  project.declare(declare(`, egress: ${egress}`));
  await project.deployed('lab');
  expect(await inBox('cut -d" " -f22 /proc/1/stat')).toBe(before);
}

/** Frames of a container that tries everything; those of test/integration/networks/egress.test.ts that a bridge or filter could treat otherwise for its interface. */
function attempts(): { what: string; frame: Buffer }[] {
  const toHost = (payload: Buffer, from = own.mac) => ethernet(gateway.mac, from, ETHERTYPE.ipv4, payload);
  const six = (to: string, payload: Buffer) => ethernet(to, own.mac, ETHERTYPE.ipv6, payload);
  const link = eui64Address(LINK_LOCAL, own.mac);
  return [
    { what: 'TCP to the host', frame: toHost(ipv4(own.address, gateway.address, PROTOCOL.tcp, tcpSyn(40000, 22))) },
    { what: 'a ping to the host', frame: toHost(ipv4(own.address, gateway.address, PROTOCOL.icmp, icmpEcho())) },
    { what: 'TCP to a neighbour', frame: ethernet(peer.mac, own.mac, ETHERTYPE.ipv4, ipv4(own.address, peer.address, PROTOCOL.tcp, tcpSyn(40000, 22))) },
    { what: 'UDP beyond the network', frame: toHost(ipv4(own.address, '198.51.100.9', PROTOCOL.udp, udp(40000, 9))) },
    { what: 'a name, asked beyond the network', frame: toHost(ipv4(own.address, '198.51.100.9', PROTOCOL.udp, udp(40000, 53, dnsQuestion('secret.example')))) },
    { what: 'multicast', frame: ethernet('01:00:5e:00:00:fb', own.mac, ETHERTYPE.ipv4, ipv4(own.address, '224.0.0.251', PROTOCOL.udp, udp(5353, 5353))) },
    { what: "a neighbour's address as its own", frame: toHost(ipv4(peer.address, OUTSIDE, PROTOCOL.tcp, tcpSyn(40000, 80))) },
    { what: 'an allowed target from a made-up MAC address', frame: toHost(ipv4(own.address, OUTSIDE, PROTOCOL.tcp, tcpSyn(40000, 80)), '52:54:00:66:66:66') },
    { what: "the host's address, claimed by ARP", frame: ethernet(peer.mac, own.mac, ETHERTYPE.arp, arp(2, { mac: own.mac, address: gateway.address }, peer)) },
    { what: 'a lease, as a server gives it', frame: ethernet(BROADCAST, own.mac, ETHERTYPE.ipv4, ipv4(own.address, '255.255.255.255', PROTOCOL.udp, udp(67, 68))) },
    { what: 'IPv6 to all on the link', frame: six('33:33:00:00:00:01', ipv6(link, 'ff02::1', PROTOCOL.icmpv6, icmpEcho(128))) },
    { what: 'IPv6 to the host', frame: six(gateway.mac, ipv6(eui64Address(gateway.network6, own.mac), `${gateway.network6}1`, PROTOCOL.tcp, tcpSyn(40000, 22))) },
    { what: 'itself as an IPv6 router', frame: six('33:33:00:00:00:01', ipv6(link, 'ff02::1', PROTOCOL.icmpv6, icmpEcho(134))) },
    { what: 'frames of another VLAN', frame: tagged(toHost(ipv4(own.address, gateway.address, PROTOCOL.udp, udp(40000, 9))), 7) },
    { what: 'a protocol that is not IP', frame: ethernet(peer.mac, own.mac, ETHERTYPE.local, Buffer.from('outside')) },
  ];
}

/** Of each attempt, whether it left the container, and whether it went on. */
async function tried(): Promise<{ what: string; left: boolean; wentOn: boolean }[]> {
  const outcomes = [];
  for (const { what, frame } of attempts()) {
    await probe.reset();
    sender.stdin.write(`${frame.toString('hex')}\n`);
    expect(await sent.next()).toEqual({ done: false, value: 'sent' });
    const counts = await probe.counts();
    outcomes.push({ what, left: counts.sent >= 5, wentOn: counts.host + counts.others + counts.dhcp >= 5 });
  }
  return outcomes;
}

describe('a container on a network', () => {
  it('has the address that was planned for it, the route and the name server', async () => {
    expect(await inBox('ip -o -4 address show eth0; ip route; cat /etc/resolv.conf')).toMatch(new RegExp(`inet ${own.address}/24[^]*default via ${gateway.address}[^]*nameserver ${gateway.address}`));
  });

  it('that says nothing of egress gets nothing out of its interface, whatever it sends', async () => {
    expect(await tried()).toEqual(attempts().map(({ what }) => ({ what, left: true, wentOn: false })));
    expect(await Promise.all([reaches(gateway.address, 80), reaches(peer.address, 8080), reaches(OUTSIDE, 80)])).toEqual([false, false, false]);
  });

  it('reaches what its rules say, a virtual machine among it by its name, and nothing else', async () => {
    await changeEgress(`[{ to: '${OUTSIDE}', ports: 80 }, { to: peer, ports: 8080 }]`);
    // The peer, which is emulated, listens anew after each that came.
    for (const [target, port] of [[OUTSIDE, 80], ['peer', 8080]] as const) await eventually(`an answer of ${target}`, () => reaches(target, port), 20_000);
    expect(await Promise.all([reaches(OUTSIDE, 81), reaches('peer', 8081), reaches(gateway.address, 80)])).toEqual([false, false, false]);
    expect((await tried()).filter(({ wentOn }) => wentOn)).toEqual([]);
  });

  it('reaches all where it is open, under its own MAC address alone', async () => {
    await changeEgress(`'open'`);
    expect(await reaches(gateway.address, 80)).toBe(true);
    // The router's advertisement comes through now, and gives it the address that follows from its MAC address.
    await eventually('an address by IPv6', async () => (await inBox('ip link set eth0 down; ip link set eth0 up; sleep 2; ip -o -6 address show eth0')).includes(eui64Address(gateway.network6, own.mac)), 30_000);
    expect((await tried()).filter(({ wentOn }) => !wentOn).map(({ what }) => what)).toEqual(['an allowed target from a made-up MAC address']);
  });
});
