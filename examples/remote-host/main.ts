import { App } from 'cdktf';
import { Guest, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';
import { Screenshots } from 'sandform/hooks';

// Deployed from here, and run on another machine: its libvirt is reached by SSH, and nothing of Sandform is installed there.
const app = new App();
const uri = process.env['LAB_HOST_URI'] ?? 'qemu+ssh://operator@lab.example/system';
const lab = new SandboxStack(app, 'remote-lab', { uri, ttl: '1h' });

const victim = new Sandbox(lab, 'victim', { guest: Guest.micro(), networks: [new SandboxNetwork(lab, 'net')] });
victim.addHook(new Screenshots({ on: ['guest_ready'] }));

app.synth();
