import { Construct } from 'constructs';
import { type AskedOf, capabilityMistakes } from '../../constructs/capability-rules';
import { Mistakes } from '../../constructs/mistakes';
import { CAPABILITIES, type Capability, type DomainPart } from '../../lib';
import { lxcDomain, qemuDomain, vboxDomain } from '../unit/domain-xml/sample-domains';

const { execPort: _port, ...guest } = qemuDomain.guest;

function mistakes(domain: DomainPart, asked: AskedOf = { hooks: [] }): string[] {
  const construct = new Construct(undefined as unknown as Construct, 'one');
  return capabilityMistakes(domain, asked, Mistakes.of(construct)).map(({ code, doing, given }) => `${code} ${doing} ${given}`);
}

describe('what a hypervisor does not offer', () => {
  it('is refused where it is declared, in the words of the table', () => {
    expect(mistakes(lxcDomain)).toEqual([
      "CAPABILITY_MISSING one: guest guest 'micro', which needs 'execPort' (Sandform's guest program on a virtio-serial port), on hypervisor 'lxc': a container has no virtio devices",
      "CAPABILITY_MISSING one: guest guest 'micro', which needs 'agent' (the QEMU guest agent), on hypervisor 'lxc': a container has no virtio devices",
    ]);
    const hooks = [{ export: 'Dumps', needs: ['memory', 'network'] }] as const;
    expect(mistakes({ ...lxcDomain, guest: { ...guest, agent: false }, display: true }, { hooks, power: 'managed' })).toEqual([
      "CAPABILITY_MISSING one: display display: true, which needs 'screen' (pictures of a screen), on hypervisor 'lxc': a container has no screen",
      "CAPABILITY_MISSING one: hooks Dumps, which needs 'memory' (a dump of the memory), on hypervisor 'lxc': a container's memory is the host kernel's",
    ]);
    const filtered = { ...vboxDomain, guest: { ...guest, agent: false }, nics: [{ ...qemuDomain.nics[0]!, filter: 'sandform-lab-one-0' }] };
    expect(mistakes(filtered)).toEqual([expect.stringContaining("one: egress a filtered NIC, which needs 'egress'")]);
  });

  it('is nothing that a QEMU sandbox can ask for', () => {
    const hooks = [{ export: 'All', needs: ['screen', 'exec', 'disk', 'memory', 'network'] }] as const;
    expect(mistakes(qemuDomain, { hooks, power: 'managed' })).toEqual([]);
  });

  it('comes with a reason for each hypervisor', () => {
    for (const [name, { offers }] of Object.entries<Capability>(CAPABILITIES)) {
      expect({ name, offers: Object.values(offers).filter((offer) => offer !== true && !/^[a-zA-Z].{10,}$/.test(offer)) }).toEqual({ name, offers: [] });
      expect(Object.values(offers)).toContain(true);
    }
  });
});
