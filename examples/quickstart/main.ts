import { App } from 'cdktf';
import { Guest, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';

const app = new App();
const stack = new SandboxStack(app, 'quickstart', { ttl: '1h' });
const network = new SandboxNetwork(stack, 'net');

new Sandbox(stack, 'hello', { guest: Guest.micro(), networks: [network], labels: { purpose: 'quickstart' } });

app.synth();
