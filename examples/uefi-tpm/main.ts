import { App } from 'cdktf';
import { Guest, Sandbox, SandboxStack } from 'sandform';

const app = new App();
const stack = new SandboxStack(app, 'uefi-tpm', { ttl: '1h' });

// Microsoft's keys are enrolled: what boots is signed by them, or by whom they signed for
new Sandbox(stack, 'secure', { guest: Guest.debian12({ firmware: 'uefi-secure', tpm: true }) });

app.synth();
