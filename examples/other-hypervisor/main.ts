import { App } from 'cdktf';
import { Guest, Sandbox, SandboxStack, defineHypervisor } from 'sandform';

// libvirt's own test driver: machines that are nothing but their state, with which to try what a hypervisor's description says. For a real one,
// such as Xen or bhyve, the URI, what is offered and the XML change, and nothing else.
const socket = new URL(process.env['LIBVIRT_DEFAULT_URI'] ?? 'qemu:///system').searchParams.get('socket');

const testDriver = defineHypervisor({
  name: 'test',
  uri: `test+unix:///default${socket === null ? '' : `?socket=${socket}`}`,
  offers: ['poweron', 'shutdown', 'pause', 'save', 'network'],
  isolation: 'emulation',
  domainXml: ({ arch, disks, nics }) => `
    <domain type='test'>
      <os><type arch='${arch}'>hvm</type></os>
      <on_poweroff>destroy</on_poweroff>
      <devices>
        ${disks.map(({ path }, index) => `<disk type='file' device='disk'><source file='${path}'/><target dev='vd${String.fromCharCode(97 + index)}' bus='virtio'/></disk>`).join('')}
        ${nics.map(({ network, mac }) => `<interface type='network'><mac address='${mac}'/><source network='${network}'/></interface>`).join('')}
      </devices>
    </domain>`,
});

const app = new App();
const lab = new SandboxStack(app, 'other-hypervisor', { ttl: '2h' });
new Sandbox(lab, 'machine', { guest: Guest.on(testDriver), memory: '64MiB', labels: { purpose: 'example' } });

app.synth();
