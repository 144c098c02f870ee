import { App } from 'cdktf';
import { Guest, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';
import { Commands, Screenshots } from 'sandform/hooks';

// A server and what may attack it, on a network that leads nowhere. Each reaches exactly what its egress says.
const app = new App();
const lab = new SandboxStack(app, 'isolated-lab', { ttl: '2h', labels: { purpose: 'example' } });
const net = new SandboxNetwork(lab, 'net');

const server = new Sandbox(lab, 'server', { guest: Guest.micro(), networks: [net] });
server.addHook(new Commands({ on: { guest_ready: 'mkdir -p /www && echo welcome >/www/index.html && busybox httpd -p 80 -h /www' } }));

const client = new Sandbox(lab, 'client', { guest: Guest.micro(), networks: [net], egress: [{ to: server, ports: 80 }] });
client.addHook(new Screenshots({ on: ['command_finished'] }));

app.synth();
