import { App } from 'cdktf';
import { Guest, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';

// Two sandboxes of the same guest: `off` is deployed switched off, `held` runs and has a network for OpenSSH.
const app = new App();
const off = new SandboxStack(app, 'bench-off');
new Sandbox(off, 'guest', { guest: Guest.micro(), networks: [new SandboxNetwork(off, 'net')], power: 'managed' });
const held = new SandboxStack(app, 'bench-held');
new Sandbox(held, 'guest', { guest: Guest.micro(), networks: [new SandboxNetwork(held, 'net')] });
const cold = new SandboxStack(app, 'bench-cold');
new Sandbox(cold, 'guest', { guest: Guest.micro(), power: 'managed' });
app.synth();
