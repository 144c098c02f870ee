import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DomainPart, type NetworkXmlFacts, Subnet, cacheFolder, domainXml, networkXml } from '../../../lib';
import { type FilterXmlFacts, filterXml } from '../../../lib/domain-xml';
import { lxcDomain, qemuDomain, secureDomain, values, vboxDomain, windowsDomain } from './sample-domains';

/** Where the set-up puts the schemas of libvirts that are not installed here; see scripts/setup/libvirt-schemas.mjs. */
const FETCHED = join(cacheFolder(process.env), 'libvirt-schemas');
const VERSIONS: readonly { version: string; folder: string }[] = [
  { version: 'that is installed', folder: '/usr/share/libvirt/schemas' },
  ...['bullseye', 'trixie', 'sid'].map((release) => ({ version: versionIn(join(FETCHED, release)) ?? `of Debian ${release}, which was not to be had`, folder: join(FETCHED, release) })),
];

const { kernelBoot: _, ...firmware } = qemuDomain;
const bare: DomainPart = { ...qemuDomain, disks: [], nics: [], display: false, guest: { name: 'image', agent: false, user: 'root' } };
const DOMAINS: readonly [string, DomainPart][] = [
  ['emulated QEMU', qemuDomain],
  ['QEMU with KVM', { ...qemuDomain, accelerator: 'kvm' }],
  ['QEMU that boots from disk', firmware],
  ['QEMU with a filter', { ...qemuDomain, nics: [{ network: 'lab-net', mac: '52:54:00:01:02:03', model: 'virtio', filter: 'sandform-lab-victim-0' }] }],
  ['QEMU that plays a network', { ...qemuDomain, nics: [{ network: 'lab-net', mac: '52:54:00:01:02:03', model: 'virtio', address: '10.88.3.9', userMode: { subnet: '10.88.3.0/24', restricted: true } }] }],
  ['QEMU with next to nothing', bare],
  ['QEMU on 64-bit Arm', { ...firmware, arch: 'aarch64' }],
  ['QEMU on 64-bit Arm with KVM', { ...firmware, arch: 'aarch64', accelerator: 'kvm' }],
  ['QEMU on 64-bit Arm with a kernel', { ...qemuDomain, arch: 'aarch64' }],
  ['QEMU with UEFI', { ...firmware, firmware: 'uefi' }],
  ['QEMU with UEFI and a kernel', { ...qemuDomain, firmware: 'uefi', tpm: true }],
  ['QEMU with Secure Boot, TPM and hardware profile', secureDomain],
  ['the same with KVM', { ...secureDomain, accelerator: 'kvm' }],
  ['QEMU with Secure Boot on 64-bit Arm', { ...secureDomain, arch: 'aarch64' }],
  ['Windows that installs itself', windowsDomain],
  ['Windows with BIOS and a hidden hypervisor', { ...windowsDomain, firmware: 'bios', tpm: false, hardware: { hypervisorHidden: true } }],
  ['a container', lxcDomain],
  ['a container on 64-bit Arm', { ...lxcDomain, arch: 'aarch64' }],
  ['VirtualBox', vboxDomain],
  ['VirtualBox without a display', { ...vboxDomain, display: false, nics: [] }],
];

const subnet = Subnet.parse('10.88.3.0/24');
const link = { subnet, forwardsNames: false, domain: 'lab', hosts: [{ mac: '52:54:00:00:00:01', address: subnet.addressAt(2), name: 'victim' }] };
const network: NetworkXmlFacts = { name: 'lab-net', bridge: 'sf0123456789', forward: 'isolated', link, metadata: '{"a":"<"}' };
const NETWORKS: readonly [string, NetworkXmlFacts][] = [
  ['isolated', network],
  ['nat, with IPv6', { ...network, forward: 'nat', link: { ...link, network6: 'fd12:3456:789a:1::' } }],
  ['routed, asking other name servers', { ...network, forward: 'routed', link: { ...link, forwardsNames: true } }],
  ['a bridge of the host', { ...network, forward: 'bridge', bridge: 'br0', link: undefined }],
];

const nic: FilterXmlFacts = { name: 'sandform-lab-victim-0', uuid: '6f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a10', mac: '52:54:00:01:02:03', address: '10.88.3.2', gateway: '10.88.3.1', onLink: '10.88.3.0/24', network6: 'fd12:3456:789a:1::', gatewayMac: '52:54:00:00:00:01', egress: 'open' };
const FILTERS: readonly [string, FilterXmlFacts][] = [
  ['lets everything pass', nic],
  ['lets nothing pass', { ...nic, egress: { allow: [], admit: [], dns: false } }],
  ['lets some pass', { ...nic, egress: { allow: [{ to: '203.0.113.0/24', protocol: 'udp', ports: [{ from: 5000, to: 5999 }] }, { to: '2001:db8::/32', protocol: 'icmp' }], admit: [{ from: '10.88.3.9/32' }], dns: true } }],
];

describe.each(VERSIONS)('the schema of libvirt $version', ({ version, folder }) => {
  const work = mkdtempSync(join(tmpdir(), 'sandform-xml-'));
  afterAll(() => rmSync(work, { recursive: true }));
  // A machine without a mirror of Debian has the installed one alone, and says above which are missing.
  const check = existsSync(join(folder, 'domain.rng')) ? it : it.skip;

  check.each(DOMAINS)('accepts %s', (_name, domain) => {
    const xml = domainXml(domain, values);
    expect(mistakes('domain', version.startsWith('7.0.') ? asOf70(xml) : xml)).toBe('');
  });

  check.each(NETWORKS)('accepts a network that is %s', (_name, facts) => {
    expect(mistakes('network', networkXml(facts))).toBe('');
  });

  check.each(FILTERS)('accepts a filter that %s', (_name, facts) => {
    // libvirt documents masks for ARP since 1.2.3 and reads them, but no version's schema knows them.
    expect(mistakes('nwfilter', filterXml(facts).replace(/ arp(src|dst)ipmask="[^"]*"/g, ''))).toBe('');
  });

  check('refuses what is no domain at all', () => {
    expect(mistakes('domain', domainXml(qemuDomain, values).replaceAll('vcpu', 'vcqu'))).toContain('vcqu');
  });

  function mistakes(schema: string, xml: string): string {
    const file = join(work, 'document.xml');
    writeFileSync(file, xml);
    const { status, stderr } = spawnSync('xmllint', ['--noout', '--relaxng', join(folder, `${schema}.rng`), file], { encoding: 'utf8' });
    return status === 0 ? '' : `${stderr}\n${xml}`;
  }
});

/** The CPU mode came with 7.1, features of firmware with 7.2: between those and the oldest version here lies the oldest that Sandform is for, 8.0. */
function asOf70(xml: string): string {
  return xml.replace('<cpu mode="maximum"', '<cpu mode="host-model"').replace(/<firmware>[^]*<\/firmware>/, '');
}

function versionIn(folder: string): string | undefined {
  const file = join(folder, 'version');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
