import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxStack } from 'sandform';

// A machine of VirtualBox without a network. It is off until something powers it on, and its disk is a copy of the image.
const app = new App();
const lab = new SandboxStack(app, 'virtualbox', { ttl: '2h' });
const guest = Guest.virtualBox(Image.fromPath('disk.img', { format: 'raw' }), { memory: '1GiB' });
new Sandbox(lab, 'machine', { guest, power: 'managed' });

app.synth();
