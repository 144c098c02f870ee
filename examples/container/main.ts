import { App } from 'cdktf';
import { Guest, RootFilesystem, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';
import { Commands } from 'sandform/hooks';

// A container that serves a page, and one that may fetch it and nothing else. Both are over one root filesystem, which neither can change.
const app = new App();
const lab = new SandboxStack(app, 'container', { ttl: '2h' });
const net = new SandboxNetwork(lab, 'net');
const guest = Guest.container(RootFilesystem.fromTarball('rootfs.tar.gz'));

const server = new Sandbox(lab, 'server', { guest, memory: '64MiB', networks: [net] });
server.addHook(new Commands({ on: { guest_ready: 'mkdir -p /www && echo welcome >/www/index.html && httpd -p 80 -h /www' } }));

new Sandbox(lab, 'client', { guest, memory: '64MiB', networks: [net], egress: [{ to: server, ports: 80 }] });

app.synth();
