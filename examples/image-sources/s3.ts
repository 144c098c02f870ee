import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxStack } from 'sandform';

// An object of an S3-compatible store. Who fetches it needs credentials as the AWS command line has them.
const { IMAGE_BUCKET = 'images', IMAGE_KEY = 'lab.qcow2' } = process.env;

const app = new App();
const lab = new SandboxStack(app, 's3-image', { ttl: '1h' });
new Sandbox(lab, 'guest', { guest: Guest.fromImage(Image.fromS3({ bucket: IMAGE_BUCKET, key: IMAGE_KEY })) });
app.synth();
