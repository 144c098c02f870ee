import { App } from 'cdktf';
import { Guest, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';
import { Screenshots, Timers } from 'sandform/hooks';

const app = new App();
const stack = new SandboxStack(app, 'quickstart', { ttl: '1h' });
const network = new SandboxNetwork(stack, 'net');

const hello = new Sandbox(stack, 'hello', { guest: Guest.micro(), networks: [network], labels: { purpose: 'quickstart' } });
hello.addHook(new Timers({ timers: { one_second_in: '1s' } }));
hello.addHook(new Screenshots({ on: ['one_second_in', 'guest_ready', 'command_finished'] }));

app.synth();
