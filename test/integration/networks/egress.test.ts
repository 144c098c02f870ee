import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type ConnectedSandbox, type RunningCommand, connect } from '../../../hooks-runtime';
import { findSandbox } from '../../../hooks-runtime/inventory';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { readNetworkXml } from '../../../lib/domain-xml';
import { LINK_LOCAL, eui64Address } from '../../../lib/network';
import { eventually } from '../fixtures/eventually';
import { greetingServer } from '../fixtures/greeting-server';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';
import { FrameProbe } from './frame-probe';
import { inside } from './inside';
import { BROADCAST, ETHERTYPE, PROTOCOL, arp, dnsQuestion, ethernet, icmpEcho, ipv4, ipv6, tagged, tcpSyn, udp } from './frames';

let host: OwnHost;
let project: TestProject;
let victim: ConnectedSandbox;
let probe: FrameProbe;
let server: ChildProcess;
let sender: RunningCommand;
let sent: AsyncIterator<string>;
let boot: string;
let own: { mac: string; address: string };
let peer: { mac: string; address: string };
let gateway: { mac: string; address: string; network6: string };

/** Outside addresses, which the host of the test has itself. */
const OUTSIDE = ['203.0.113.7', '203.0.113.8'] as const;

/** Sends each line of hexadecimal as a frame, five times, and says so. */
const SENDER = `import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
for line in sys.stdin:
  for _ in range(5): s.send(bytes.fromhex(line))
  print("sent")
`;

/** Asks the server to renew a lease, and shows the type of its answer (RFC 2131, 2132). */
const RENEWAL = `import socket, sys
address, mac, server = sys.argv[1:]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((address, 68)); s.settimeout(5)
request = bytes([1, 1, 6, 0]) + bytes(8) + socket.inet_aton(address) + bytes(12) + bytes.fromhex(mac.replace(":", "")) + bytes(202)
s.sendto(request + bytes([99, 130, 83, 99, 53, 1, 3, 255]), (server, 67))
print(s.recv(1500)[242])`;

const declare = (egress: string) => `
  const lab = new SandboxStack(app, 'lab');
  const net = new SandboxNetwork(lab, 'net', { forward: 'nat', ipv6: true });
  const peer = new Sandbox(lab, 'peer', { guest: Guest.micro(), networks: [net] });
  new Sandbox(lab, 'victim', { guest: Guest.debian12(), networks: [net]${egress} });`;

beforeAll(async () => {
  host = await OwnHost.up('egress');
  project = TestProject.create(host, declare(''));
  for (const address of OUTSIDE) await inside(host, 'ip', 'address', 'add', `${address}/32`, 'dev', 'lo');
  server = await greetingServer(host, 80, 81);
  await project.deployed('lab');
  victim = await connect('lab/victim', { uri: host.uri });
  boot = await inVictim('cat /proc/sys/kernel/random/boot_id');
  const [own4, peer4] = await Promise.all([nicOf('victim'), nicOf('peer')]);
  [own, peer] = [own4, peer4];
  const { address = '', mac = '', network6 = '' } = readNetworkXml(host.virsh('net-dumpxml', 'lab-net'))?.host ?? {};
  gateway = { address, mac, network6 };
  probe = await FrameProbe.on(host.instance, host.virsh('domiflist', 'lab-victim').trim().split(/\s+/)[0]!);
  await victim.files.write('/root/send', SENDER);
  sender = await victim.commands.start(['python3', '-u', '/root/send']);
  sent = createInterface(sender.stdout)[Symbol.asyncIterator]();
});

afterAll(async () => {
  await probe?.remove();
  await victim?.[Symbol.asyncDispose]();
  server?.kill();
  await project?.destroyed('lab');
  expect(await host.leftovers({ images: true })).toEqual([]);
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

async function nicOf(name: string): Promise<{ mac: string; address: string }> {
  await using connection = await LibvirtConnection.open(host.uri);
  const { mac, address = '' } = (await findSandbox(connection, `lab/${name}`)).spec.domain.nics[0]!;
  return { mac, address };
}

async function inVictim(script: string): Promise<string> {
  const { stdout } = await victim.commands.run(['sh', '-c', script], { timeout: '60s' });
  return stdout.trim();
}

/** Whether a connection to a TCP port gives what the server there says. */
async function reaches(target: string, port: number): Promise<boolean> {
  return (await inVictim(`python3 -c 'import socket,sys; print(socket.create_connection((sys.argv[1],int(sys.argv[2])),2).recv(5).decode())' ${target} ${port} 2>/dev/null`)) === 'hello';
}

/** Deploys the victim with other rules; the guest must not notice. */
async function changeEgress(egress: string): Promise<void> {
  project.declare(declare(`, egress: ${egress}`));
  await project.synth();
  await project.expectDone(await project.apply('lab', [], { hosts: { 'allowed.example': OUTSIDE[1] } }));
  expect(await inVictim('cat /proc/sys/kernel/random/boot_id')).toBe(boot);
}

/** Frames of a guest that tries everything. `open`: whether they go on where everything is allowed. */
function attempts(): { what: string; frame: Buffer; open: boolean; needsNoRules?: boolean }[] {
  const toHost = (payload: Buffer, from = own.mac) => ethernet(gateway.mac, from, ETHERTYPE.ipv4, payload);
  const toPeer = (payload: Buffer) => ethernet(peer.mac, own.mac, ETHERTYPE.ipv4, payload);
  const six = (to: string, payload: Buffer) => ethernet(to, own.mac, ETHERTYPE.ipv6, payload);
  const link = eui64Address(LINK_LOCAL, own.mac);
  const beyond = '198.51.100.9';
  const syn = tcpSyn(40000, 22);
  return [
    { what: 'TCP to the host', frame: toHost(ipv4(own.address, gateway.address, PROTOCOL.tcp, syn)), open: true },
    { what: 'UDP to the host', frame: toHost(ipv4(own.address, gateway.address, PROTOCOL.udp, udp(40000, 9))), open: true },
    { what: 'a ping to the host', frame: toHost(ipv4(own.address, gateway.address, PROTOCOL.icmp, icmpEcho())), open: true },
    { what: 'another protocol of IP to the host', frame: toHost(ipv4(own.address, gateway.address, PROTOCOL.gre, Buffer.alloc(8))), open: true },
    { what: 'TCP to a neighbour', frame: toPeer(ipv4(own.address, peer.address, PROTOCOL.tcp, syn)), open: true },
    { what: 'a ping to a neighbour', frame: toPeer(ipv4(own.address, peer.address, PROTOCOL.icmp, icmpEcho())), open: true },
    { what: 'a request for a lease, sent to a neighbour', frame: toPeer(ipv4(own.address, peer.address, PROTOCOL.udp, udp(68, 67))), open: true },
    { what: 'a lease, as a server gives it', frame: ethernet(BROADCAST, own.mac, ETHERTYPE.ipv4, ipv4(own.address, '255.255.255.255', PROTOCOL.udp, udp(67, 68))), open: true },
    { what: 'UDP beyond the network', frame: toHost(ipv4(own.address, beyond, PROTOCOL.udp, udp(40000, 9))), open: true },
    { what: 'a name, asked of the network', frame: toHost(ipv4(own.address, gateway.address, PROTOCOL.udp, udp(40000, 53, dnsQuestion('secret.example')))), open: true, needsNoRules: true },
    { what: 'a name, asked beyond the network', frame: toHost(ipv4(own.address, beyond, PROTOCOL.udp, udp(40000, 53, dnsQuestion('secret.example')))), open: true },
    { what: 'a broadcast', frame: ethernet(BROADCAST, own.mac, ETHERTYPE.ipv4, ipv4(own.address, '255.255.255.255', PROTOCOL.udp, udp(40000, 9))), open: true },
    { what: 'multicast', frame: ethernet('01:00:5e:00:00:fb', own.mac, ETHERTYPE.ipv4, ipv4(own.address, '224.0.0.251', PROTOCOL.udp, udp(5353, 5353))), open: true },
    { what: "a neighbour's address as its own", frame: toHost(ipv4(peer.address, gateway.address, PROTOCOL.udp, udp(40000, 9))), open: true },
    { what: 'an allowed target from a made-up address', frame: toHost(ipv4('192.0.2.66', OUTSIDE[0], PROTOCOL.tcp, tcpSyn(40000, 80))), open: true },
    { what: 'an allowed target from a made-up MAC address', frame: toHost(ipv4(own.address, OUTSIDE[0], PROTOCOL.tcp, tcpSyn(40000, 80)), '52:54:00:66:66:66'), open: false },
    { what: "a request for a lease from a neighbour's MAC address", frame: ethernet(BROADCAST, peer.mac, ETHERTYPE.ipv4, ipv4('0.0.0.0', '255.255.255.255', PROTOCOL.udp, udp(68, 67))), open: false },
    { what: "the host's address, claimed by ARP", frame: ethernet(peer.mac, own.mac, ETHERTYPE.arp, arp(2, { mac: own.mac, address: gateway.address }, peer)), open: true },
    { what: 'ARP under another MAC address', frame: ethernet(BROADCAST, own.mac, ETHERTYPE.arp, arp(1, { mac: peer.mac, address: own.address }, { mac: '00:00:00:00:00:00', address: gateway.address })), open: true },
    { what: 'ARP for somebody not to be reached', frame: ethernet(BROADCAST, own.mac, ETHERTYPE.arp, arp(1, own, { mac: '00:00:00:00:00:00', address: beyond })), open: true },
    { what: 'IPv6 to all on the link', frame: six('33:33:00:00:00:01', ipv6(link, 'ff02::1', PROTOCOL.icmpv6, icmpEcho(128))), open: true },
    { what: 'IPv6 to a neighbour on the link', frame: six(peer.mac, ipv6(link, eui64Address(LINK_LOCAL, peer.mac), PROTOCOL.tcp, syn)), open: true },
    { what: 'IPv6 to the host', frame: six(gateway.mac, ipv6(eui64Address(gateway.network6, own.mac), `${gateway.network6}1`, PROTOCOL.tcp, syn)), open: true },
    { what: 'itself as an IPv6 router', frame: six('33:33:00:00:00:01', ipv6(link, 'ff02::1', PROTOCOL.icmpv6, icmpEcho(134))), open: true },
    { what: 'frames of another VLAN', frame: tagged(toHost(ipv4(own.address, gateway.address, PROTOCOL.udp, udp(40000, 9))), 7), open: true },
    { what: 'a request for a lease in another VLAN', frame: tagged(ethernet(BROADCAST, own.mac, ETHERTYPE.ipv4, ipv4('0.0.0.0', '255.255.255.255', PROTOCOL.udp, udp(68, 67))), 7), open: true },
    { what: 'frames with two VLAN tags', frame: tagged(tagged(toHost(ipv4(own.address, OUTSIDE[0], PROTOCOL.tcp, syn)), 7), 8, 0x88a8), open: true },
    { what: 'a protocol that is not IP', frame: ethernet(peer.mac, own.mac, ETHERTYPE.local, Buffer.from('outside')), open: true },
    { what: 'itself as the root of a spanning tree', frame: ethernet('01:80:c2:00:00:00', own.mac, 0x0026, Buffer.from(`424203${'00'.repeat(35)}`, 'hex')), open: true },
  ];
}

/** What became of each attempt. */
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

describe('a sandbox that says nothing of egress', () => {
  it('gets nothing out of its network interface, whatever it sends', async () => {
    // Without the guest's own traffic: it would be counted with the frames of the test.
    await inVictim('systemctl stop systemd-networkd systemd-networkd.socket 2>&1; ip link set eth0 up');
    await probe.reset();
    expect(await tried()).toEqual(attempts().map(({ what }) => ({ what, left: true, wentOn: false })));
  });

  it('has its address by DHCP, and renews it', async () => {
    const hasItsAddress = async () => (await inVictim('ip -4 -o address show eth0')).includes(own.address);
    await inVictim('ip address flush dev eth0; systemctl start systemd-networkd');
    await eventually('the address of the guest', hasItsAddress);
    expect((await probe.counts()).dhcp).toBeGreaterThan(0);
    // Renewing takes ARP both ways, since the request goes to the server alone. 5: the server agrees.
    expect(await inVictim(`systemctl stop systemd-networkd.socket systemd-networkd; ip address replace ${own.address}/24 dev eth0; python3 -c '${RENEWAL}' ${own.address} ${own.mac} ${gateway.address}; systemctl start systemd-networkd`)).toBe('5');
    // The guest forgets its name server while it has no lease; what follows is about names that it can ask for.
    await eventually('the name server of the guest', async () => (await inVictim('cat /etc/resolv.conf')).includes(gateway.address));
  });

  it('reaches neither neighbours nor the host nor what lies beyond, and knows no names', async () => {
    expect(await Promise.all([reaches(gateway.address, 80), reaches(peer.address, 8080), reaches(OUTSIDE[0], 80)])).toEqual([false, false, false]);
    expect(await inVictim('timeout 3 getent hosts peer')).toBe('');
  });
});

describe('egress rules, changed under a running guest', () => {
  it('let through what they say', async () => {
    await changeEgress(`[{ to: '${OUTSIDE[0]}', ports: 80 }, { to: peer, ports: 8080 }, { to: 'allowed.example', ports: [81] }]`);
    await using neighbour = await connect('lab/peer', { uri: host.uri });
    await neighbour.commands.run(['sh', '-c', 'for port in 8080 8081; do while echo -n hello | nc -l -p $port; do :; done >/dev/null 2>&1 & done'], { timeout: '10s' });
    expect(await inVictim('getent hosts peer')).toContain(peer.address);
    expect(await inVictim('getent hosts allowed.example')).toContain(OUTSIDE[1]);
    expect(await Promise.all([reaches(OUTSIDE[0], 80), reaches('peer', 8080), reaches('allowed.example', 81)])).toEqual([true, true, true]);
  });

  it('and nothing else', async () => {
    expect(await Promise.all([reaches(OUTSIDE[0], 81), reaches(OUTSIDE[1], 80), reaches('peer', 8081), reaches(gateway.address, 80)])).toEqual([false, false, false, false]);
    const outcomes = await tried();
    expect(outcomes.filter(({ what, wentOn }) => wentOn && !attempts().find((attempt) => attempt.what === what)!.needsNoRules)).toEqual([]);
  });

  it('have names answered by the network alone: none is carried out', async () => {
    const question = dnsQuestion('secret.example').toString('hex');
    const answer = await inVictim(`python3 -c 'import socket,sys
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(5); s.sendto(bytes.fromhex(sys.argv[1]),(sys.argv[2],53)); print(s.recv(512)[3] & 15)' ${question} ${gateway.address}`);
    // REFUSED: the server knows nothing of it and nobody to ask.
    expect(answer).toBe('5');
  });

  it('let everything through where it is open, but other MAC addresses', async () => {
    await changeEgress(`'open'`);
    expect(await reaches(gateway.address, 80)).toBe(true);
    expect(await tried()).toEqual(attempts().map(({ what, open }) => ({ what, left: true, wentOn: open })));
  });

  it('close it again', async () => {
    await changeEgress('[]');
    expect((await tried()).filter(({ wentOn }) => wentOn)).toEqual([]);
  });
});
