import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxStack } from 'sandform';

// A disk of this machine, as another hypervisor wrote it and somebody compressed it.
const { IMAGE_PATH = './lab.vmdk.xz' } = process.env;

const app = new App();
const lab = new SandboxStack(app, 'path-image', { ttl: '1h' });
new Sandbox(lab, 'guest', { guest: Guest.fromImage(Image.fromPath(IMAGE_PATH)) });
app.synth();
