import { App } from 'cdktf';
import { Guest, HardwareProfile, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';

const app = new App();
const stack = new SandboxStack(app, 'hardware-profile', { ttl: '1h' });
const networks = [new SandboxNetwork(stack, 'net')];

new Sandbox(stack, 'plain', { guest: Guest.micro(), networks });
new Sandbox(stack, 'laptop', { guest: Guest.micro(), networks, hardware: HardwareProfile.laptop() });
new Sandbox(stack, 'own', { guest: Guest.micro(), networks, hardware: HardwareProfile.desktop().with({ system: { product: 'OptiPlex 9999', serial: '1A2B3C4' } }) });

app.synth();
