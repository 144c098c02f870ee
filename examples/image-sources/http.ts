import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxStack } from 'sandform';

// A disk behind an address. The digest is optional: what is there when the lock is written is pinned.
const { IMAGE_URL = 'https://images.example.org/lab.qcow2' } = process.env;

const app = new App();
const lab = new SandboxStack(app, 'http-image', { ttl: '1h' });
new Sandbox(lab, 'guest', { guest: Guest.fromImage(Image.fromHttp(IMAGE_URL, { name: 'lab' })) });
app.synth();
