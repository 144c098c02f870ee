import { existsSync } from 'node:fs';
import { App } from 'cdktf';
import { Guest, RootFilesystem, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';

// Sandboxes of the same guest: `off` and `cold` are deployed switched off, `held` runs and has a network for OpenSSH.
const app = new App();
const off = new SandboxStack(app, 'bench-off');
new Sandbox(off, 'guest', { guest: Guest.micro(), networks: [new SandboxNetwork(off, 'net')], power: 'managed' });
const held = new SandboxStack(app, 'bench-held');
new Sandbox(held, 'guest', { guest: Guest.micro(), egress: 'open', networks: [new SandboxNetwork(held, 'net')] });
const cold = new SandboxStack(app, 'bench-cold');
new Sandbox(cold, 'guest', { guest: Guest.micro(), power: 'managed' });
for (const count of [1, 5, 20]) {
  const many = new SandboxStack(app, `bench-${count}`);
  const net = new SandboxNetwork(many, 'net');
  for (let index = 0; index < count; index++) new Sandbox(many, `guest-${index}`, { guest: Guest.micro(), networks: [net] });
}
if (existsSync('rootfs.tar.gz')) {
  const guest = Guest.container(RootFilesystem.fromTarball('rootfs.tar.gz'), { memory: '64MiB' });
  new Sandbox(new SandboxStack(app, 'bench-lxc-off'), 'guest', { guest, power: 'managed' });
  for (const count of [1, 10, 50]) {
    const many = new SandboxStack(app, `bench-lxc-${count}`);
    const networks = [new SandboxNetwork(many, 'net')];
    for (let index = 0; index < count; index++) new Sandbox(many, `guest-${index}`, { guest, networks });
  }
}
app.synth();
