import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';

// A machine of VirtualBox on one of its host-only networks. It is off until something powers it on, and its disk is a copy of the image.
const app = new App();
const lab = new SandboxStack(app, 'virtualbox', { ttl: '2h' });
const guest = Guest.virtualBox(Image.fromPath('disk.img', { format: 'raw' }), { memory: '1GiB' });
// VirtualBox keeps no egress rules: that everything passes is said, not assumed.
new Sandbox(lab, 'machine', { guest, networks: [SandboxNetwork.fromName(lab, 'net', 'vboxnet0')], egress: 'open', power: 'managed' });

app.synth();
