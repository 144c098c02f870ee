import { App } from 'cdktf';
import { Guest, RootFilesystem, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';
import { NetworkTrace, SeeAgent } from 'sandform/hooks';

// Made by `sandform see import` from container.json and container-hooks.json.
// What is otherwise than in SEE:
// - container.xml: devices/filesystem: root is copied, and what the container writes is gone with it; its users are nobody on the host
// - container.xml: devices/interface[1]/mac: each sandbox has a MAC address of its own
// - container.json: domain.filesystem.0: a folder below /var/see/shared is made for the sandbox and removed with it, which SEE forgot; of a stack, you make /var/see/shared/STACK, writable for the container
// - container.xml: everything may pass its NICs, as in SEE; a stack can say what the sandbox may reach instead
const app = new App();
const stack = new SandboxStack(app, 'container', { uri: 'qemu:///system', subnets: '192.168.0.0/16' });
const net = new SandboxNetwork(stack, 'net', { forward: 'nat', dns: 'forward' });
const sandbox = new Sandbox(stack, 'sandbox', {
  guest: Guest.container(RootFilesystem.fromDirectory('./root'), { init: ['/bin/sh', '-c', 'trap \'exit 0\' TERM; httpd -p 8080 -h /agent; while :; do sleep 1; done'] }),
  memory: '64MiB',
  networks: [net],
  egress: 'open',
  mounts: [{ source: '/var/see/shared/container', target: '/results', readonly: false }],
  power: 'managed',
});
sandbox.addHook(new NetworkTrace({ start: 'ip_address', stop: 'snapshots_capture' }));
sandbox.addHook(new SeeAgent({ port: 8080 }));
app.synth();
