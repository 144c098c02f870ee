import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Sandbox } from '../../hooks-runtime/sandbox';
import { eventually } from './fixtures/eventually';
import { type TestSandbox, testSandbox } from './fixtures/test-sandbox';

describe('the connection to a guest', () => {
  let deployed: TestSandbox;
  let sandbox: Sandbox;
  beforeAll(async () => {
    deployed = await testSandbox();
    sandbox = await deployed.connect();
    await sandbox.waitForGuest();
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
    await deployed[Symbol.asyncDispose]();
  });

  it('is lost with a save, and there again after the restore, with all that the guest had', async () => {
    await sandbox.files.write('/tmp/kept', 'kept');
    const running = await sandbox.commands.start('sleep 1000');
    const lost = expect(running.wait()).rejects.toMatchObject({ code: 'COMMAND_LOST' });
    await sandbox.power.save();
    await lost;
    await expect(sandbox.commands.run('true')).rejects.toMatchObject({ code: 'SANDBOX_OFF' });
    await sandbox.power.restore();
    await expect(sandbox.commands.run('cat /tmp/kept')).resolves.toMatchObject({ stdout: 'kept' });
  });

  it('outlives a pause, and so does the command under way', async () => {
    const running = await sandbox.commands.start('sleep 1; echo awake');
    await sandbox.power.pause();
    const early = await Promise.race([running.wait(), new Promise((resolve) => setTimeout(resolve, 2000, 'still paused'))]);
    expect(early).toBe('still paused');
    await sandbox.power.resume();
    await expect(running.wait()).resolves.toMatchObject({ exitCode: 0 });
  });

  it('is lost with a reboot, and there again after it', async () => {
    const before = await sandbox.commands.run('cat /proc/sys/kernel/random/boot_id');
    const running = await sandbox.commands.start('sleep 1000');
    const lost = expect(running.wait()).rejects.toMatchObject({ code: 'COMMAND_LOST' });
    await sandbox.power.restart();
    await lost;
    const after = await sandbox.commands.run('cat /proc/sys/kernel/random/boot_id');
    expect(after.exitCode).toBe(0);
    expect(after.stdout).not.toBe(before.stdout);
  });

  it('is opened anew where the guest ended it', async () => {
    await expect(sandbox.commands.run('killall sshd; sleep 1000')).rejects.toMatchObject({ code: 'COMMAND_LOST' });
    await expect(sandbox.commands.run('echo again')).resolves.toMatchObject({ stdout: 'again\n' });
  });

  it('belongs to one program at a time, and is told of as taken', async () => {
    await sandbox.commands.run('true');
    await using second = await deployed.connect();
    await expect(second.waitForGuest({ timeout: '1s' })).rejects.toMatchObject({ code: 'GUEST_UNREACHABLE' });
  });
});

/** By what QEMU says of it: to ask libvirt would be to take it. */
function portIsHeld({ uri, spec }: TestSandbox): boolean {
  const devices = execFileSync('virsh', ['-q', '-c', uri, 'qemu-monitor-command', spec.domain.name, '--hmp', 'info chardev'], { encoding: 'utf8', timeout: 30_000 });
  const port = devices.split('\n').find((line) => line.includes('org.sandform.exec.0'));
  return port !== undefined && !port.includes('disconnected:');
}

describe('a sandbox that ends', () => {
  it('tells whoever waits for its guest or for a command, at once', async () => {
    await using deployed = await testSandbox();
    await using sandbox = await deployed.connect();
    await sandbox.waitForGuest();
    const running = await sandbox.commands.start('sleep 1000');
    const lost = expect(running.wait()).rejects.toMatchObject({ code: 'SANDBOX_GONE' });
    await deployed.domain.destroy();
    const stopped = performance.now();
    await lost;
    expect(performance.now() - stopped).toBeLessThan(3000);
    await sandbox.power.poweron();
    const waiting = expect(sandbox.waitForGuest()).rejects.toMatchObject({ code: 'SANDBOX_GONE' });
    await eventually('the guest’s port to be held', () => portIsHeld(deployed));
    await deployed.domain.destroy();
    await waiting;
    await expect(sandbox.waitForGuest()).rejects.toMatchObject({ code: 'SANDBOX_OFF' });
    await expect(sandbox.files.read('/etc/passwd')).rejects.toMatchObject({ code: 'SANDBOX_OFF' });
  });
});

describe('a guest that never answers', () => {
  it('is given up in time, and told of', async () => {
    await using deployed = await testSandbox({ domain: { guest: { name: 'mute', execPort: 'org.example.mute', agent: false, user: 'root' } } });
    await using sandbox = await deployed.connect();
    const events: string[] = [];
    sandbox.events.onAny(({ name }) => events.push(name));
    const began = performance.now();
    await expect(sandbox.waitForGuest({ timeout: '2s' })).rejects.toMatchObject({ code: 'GUEST_UNREACHABLE' });
    expect(performance.now() - began).toBeLessThan(4000);
    expect(events).toContain('guest_unreachable');
    await expect(sandbox.commands.run('true', { timeout: '1s' })).rejects.toMatchObject({ code: 'GUEST_UNREACHABLE' });
    await expect(sandbox.waitForGuest({ signal: AbortSignal.timeout(200) })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('and has no way in at all is told apart', async () => {
    await using deployed = await testSandbox({ running: false, domain: { guest: { name: 'deaf', agent: false, user: 'root' } } });
    await using sandbox = await deployed.connect();
    await expect(sandbox.waitForGuest()).rejects.toMatchObject({ code: 'GUEST_NO_CHANNEL' });
    await expect(sandbox.commands.run('true')).rejects.toMatchObject({ code: 'GUEST_NO_CHANNEL' });
  });
});

describe('a program that uses a sandbox', () => {
  const stages = ['connected', 'shaking hands', 'ready', 'running'];
  const start = ({ address, uri }: TestSandbox, ...more: string[]) =>
    spawn(process.execPath, [join(__dirname, 'fixtures/held-client.js'), address, uri, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });

  it('may be killed twenty times, wherever it is, and the next one gets in', async () => {
    await using deployed = await testSandbox();
    for (let round = 0; round < 20; round += 1) {
      const client = start(deployed);
      const exit = once(client, 'exit');
      for await (const line of createInterface(client.stdout)) if (line === stages[round % stages.length]) break;
      client.kill('SIGKILL');
      await expect(exit).resolves.toEqual([null, 'SIGKILL']);
    }
    await using sandbox = await deployed.connect();
    await sandbox.waitForGuest();
    await expect(sandbox.commands.run('echo in')).resolves.toMatchObject({ stdout: 'in\n' });
  }, 600_000);

  it('ends by itself once it has let go, and what it left running is lost to it', async () => {
    await using deployed = await testSandbox();
    const client = start(deployed, 'end');
    const lines: string[] = [];
    const exit = once(client, 'exit');
    for await (const line of createInterface(client.stdout)) lines.push(line);
    expect(lines.at(-1)).toBe('COMMAND_LOST');
    await expect(exit).resolves.toEqual([0, null]);
  });
});
