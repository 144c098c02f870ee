import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxStack } from 'sandform';
import { BuildSource } from './build-source';

const { BUILD_SERVER = 'https://builds.example.org/lab' } = process.env;

const app = new App();
const lab = new SandboxStack(app, 'built-image', { ttl: '1h' });
new Sandbox(lab, 'guest', { guest: Guest.fromImage(Image.from(new BuildSource({ url: BUILD_SERVER }))) });
app.synth();
