import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxStack } from 'sandform';

// The newest active image of this name in OpenStack. Who fetches it needs clouds.yaml or the OS_* variables.
const { IMAGE_NAME = 'lab' } = process.env;

const app = new App();
const lab = new SandboxStack(app, 'glance-image', { ttl: '1h' });
new Sandbox(lab, 'guest', { guest: Guest.fromImage(Image.fromGlance({ name: IMAGE_NAME })) });
app.synth();
