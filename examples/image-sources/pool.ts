import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxStack } from 'sandform';

// The volume that was changed last, of those whose names fit, in a storage pool that libvirt has already.
const { IMAGE_POOL = 'default' } = process.env;

const app = new App();
const lab = new SandboxStack(app, 'pool-image', { ttl: '1h' });
new Sandbox(lab, 'guest', { guest: Guest.fromImage(Image.fromPool(IMAGE_POOL, { newest: 'lab-*.qcow2' })) });
app.synth();
