import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxNetwork, SandboxStack } from 'sandform';
import { DiskCheckpoint, MemoryDump, NetworkTrace, Screenshots, SeeAgent, Timers } from 'sandform/hooks';

// Made by `sandform see import` from context.json and hooks.json.
// What is otherwise than in SEE:
// - hooks.json: hooks.1 (plugins.screen.ScreenHook).results_folder: files lie in the run record, under names of their own
// - hooks.json: hooks.2 (plugins.memory.MemoryHook).results_folder: files lie in the run record, under names of their own
// - hooks.json: hooks.3 (plugins.disk.DiskCheckPointHook).results_folder: files lie in the run record, under names of their own
// - hooks.json: hooks.4 (plugins.network.NetworkTracerHook).results_folder: files lie in the run record, under names of their own
// - context.json: disk.clone.storage_pool_path: disks lie in the pool 'sandform' of the host
// - domain.xml: devices/disk: the first disk is a cdrom, which stays one; the image goes to the first disk that is none
// - domain.xml: devices/interface[1]/mac: each sandbox has a MAC address of its own
// - domain.xml: devices/graphics: listens on loopback, at a free port; `sandform screen` leads there
// - domain.xml: everything may pass its NICs, as in SEE; a stack can say what the sandbox may reach instead
const app = new App();
const stack = new SandboxStack(app, 'see', { subnets: '192.168.0.0/16' });
const net = new SandboxNetwork(stack, 'net', { forward: 'nat', dns: 'forward' });
const sandbox = new Sandbox(stack, 'sandbox', {
  guest: Guest.fromImage(Image.fromPath('./image.qcow2'), { kernel: './kernel', initrd: './initrd', cmdline: 'root=/dev/vda console=tty0 console=ttyS0 quiet mitigations=off noreplace-smp' }),
  memory: '128MiB',
  machine: 'pc',
  accelerator: 'tcg',
  networks: [net],
  egress: 'open',
  power: 'managed',
  xmlOverrides: [
    { path: 'clock', attribute: 'offset', value: 'localtime' },
    { path: 'clock/timer[3]', value: null },
    { path: 'clock/timer[2]', value: null },
    { path: 'clock/timer', value: null },
    { path: 'cpu', value: null },
    { path: 'cpu', attribute: 'mode', value: 'maximum' },
    { path: 'devices/controller', value: null },
    { path: 'devices/disk/driver', attribute: 'cache', value: 'writeback' },
    { path: 'devices/disk[2]', attribute: 'type', value: 'file' },
    { path: 'devices/disk[2]', attribute: 'device', value: 'cdrom' },
    { path: 'devices/disk[2]/driver', attribute: 'name', value: 'qemu' },
    { path: 'devices/disk[2]/driver', attribute: 'type', value: 'raw' },
    { path: 'devices/disk[2]/target', attribute: 'dev', value: 'hda' },
    { path: 'devices/disk[2]/target', attribute: 'bus', value: 'ide' },
    { path: 'devices/disk[2]/readonly', value: '' },
    { path: 'devices/video/model', attribute: 'type', value: 'cirrus' },
    { path: 'devices/rng', value: null },
    { path: 'devices/panic', value: null },
    { path: 'devices/input', attribute: 'type', value: 'tablet' },
    { path: 'devices/input', attribute: 'bus', value: 'usb' },
    { path: 'devices/channel', attribute: 'type', value: 'unix' },
    { path: 'devices/channel/target', attribute: 'type', value: 'virtio' },
    { path: 'devices/channel/target', attribute: 'name', value: 'org.sandform.exec.0' },
  ],
});
sandbox.addHook(new Timers({ timers: { midway: '6s' } }));
sandbox.addHook(new Screenshots({ on: ['midway', 'snapshots_capture'] }));
sandbox.addHook(new MemoryDump({ on: ['snapshots_capture'] }));
sandbox.addHook(new DiskCheckpoint({ on: ['ip_address', 'post_shutdown'] }));
sandbox.addHook(new NetworkTrace({ start: 'ip_address', stop: 'snapshots_capture' }));
sandbox.addHook(new SeeAgent({ port: 8080 }));
app.synth();
