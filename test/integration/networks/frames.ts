/** Ethernet frames as a hostile guest would make them by hand. All addresses are texts; the result is hexadecimal. */

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';

export function ethernet(to: string, from: string, type: number, payload: Buffer): Buffer {
  return Buffer.concat([mac(to), mac(from), word(type), payload, Buffer.alloc(Math.max(0, 46 - payload.length))]);
}

/** The same with a VLAN tag (802.1Q; or 802.1ad, which carries another). */
export function tagged(frame: Buffer, vlan: number, type = 0x8100): Buffer {
  return Buffer.concat([frame.subarray(0, 12), word(type), word(vlan), frame.subarray(12)]);
}

export function ipv4(source: string, target: string, protocol: number, payload: Buffer): Buffer {
  const header = Buffer.concat([Buffer.from([0x45, 0]), word(20 + payload.length), word(1), word(0), Buffer.from([64, protocol]), word(0), address4(source), address4(target)]);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
}

export function ipv6(source: string, target: string, nextHeader: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x60, 0, 0, 0]), word(payload.length), Buffer.from([nextHeader, 255]), address6(source), address6(target), payload]);
}

/** Without a checksum, which UDP over IPv4 allows. */
export function udp(source: number, target: number, data: Buffer = Buffer.from('out')): Buffer {
  return Buffer.concat([word(source), word(target), word(8 + data.length), word(0), data]);
}

export function tcpSyn(source: number, target: number): Buffer {
  return Buffer.concat([word(source), word(target), Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02]), word(1024), word(0), word(0)]);
}

export function icmpEcho(type = 8): Buffer {
  const message = Buffer.concat([Buffer.from([type, 0]), word(0), word(1), word(1), Buffer.from('outside')]);
  message.writeUInt16BE(checksum(message), 2);
  return message;
}

export function arp(operation: 1 | 2, sender: { mac: string; address: string }, target: { mac: string; address: string }): Buffer {
  return Buffer.concat([word(1), word(0x0800), Buffer.from([6, 4]), word(operation), mac(sender.mac), address4(sender.address), mac(target.mac), address4(target.address)]);
}

/** A question of the name system for one name. */
export function dnsQuestion(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([word(7), word(0x0100), word(1), word(0), word(0), word(0), ...labels, Buffer.from([0]), word(1), word(1)]);
}

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, gre: 47 } as const;
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, lldp: 0x88cc, local: 0x88b5 } as const;

function mac(text: string): Buffer {
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}

function address4(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

function address6(text: string): Buffer {
  const [head = '', tail = ''] = text.split('::').map((half) => half.split(':').filter(Boolean).map((group) => group.padStart(4, '0')).join(''));
  return Buffer.from(head.padEnd(32 - tail.length, '0') + tail, 'hex');
}

function word(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let place = 0; place < bytes.length; place += 2) sum += (bytes[place]! << 8) + (bytes[place + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}
