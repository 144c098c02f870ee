import { App } from 'cdktf';
import { Guest, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';

// many.ts COUNT OUTDIR: so many sandboxes on one network, synthesized; prints what that took.
const [count, outdir = ''] = process.argv.slice(2);
const start = performance.now();
const app = new App({ outdir });
const lab = new SandboxStack(app, 'lab');
const net = new SandboxNetwork(lab, 'net', { subnet: '10.88.0.0/20' });
for (let index = 0; index < Number(count); index++) new Sandbox(lab, `guest-${index}`, { guest: Guest.micro(), networks: [net] });
app.synth();
process.stdout.write(JSON.stringify({ ms: performance.now() - start, mib: process.resourceUsage().maxRSS / 1024 }));
