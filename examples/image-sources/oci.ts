import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxStack } from 'sandform';

// A disk that was published as an OCI artifact, in a registry or, as here, in a folder.
const { IMAGE_REFERENCE = './layout:1.0' } = process.env;

const app = new App();
const lab = new SandboxStack(app, 'oci-image', { ttl: '1h' });
new Sandbox(lab, 'guest', { guest: Guest.fromImage(Image.fromOci(IMAGE_REFERENCE)) });
app.synth();
