import { App } from 'cdktf';
import { Guest, Image, RootFilesystem, Sandbox, SandboxStack } from 'sandform';

// The root filesystem of a container: a tarball, plain or compressed by gzip, xz or zstd. Every other source may hold one as well.
const { ROOT_URL = 'https://images.example.org/rootfs.tar.xz' } = process.env;

const app = new App();
const lab = new SandboxStack(app, 'tarball', { ttl: '1h' });
const root = RootFilesystem.fromImage(Image.fromHttp(ROOT_URL, { name: 'rootfs' }));
new Sandbox(lab, 'guest', { guest: Guest.container(root), memory: '64MiB' });
app.synth();
