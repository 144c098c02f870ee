import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Server, connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { openBrowser } from '../fixtures/browser';
import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import type { Program } from '../fixtures/program';
import { TestProject } from '../fixtures/project';

let host: OwnHost;
let project: TestProject;
let browser: BrowserContext | undefined;
beforeAll(async () => {
  host = await OwnHost.up('cli-interactive');
  project = TestProject.create(
    host,
    `const lab = new SandboxStack(app, 'lab');
     new Sandbox(lab, 'one', { guest: Guest.micro() });
     new Sandbox(lab, 'blind', { guest: idle(), display: false });`,
  );
  await project.deployed('lab');
});
afterAll(async () => {
  await browser?.close();
  if (project !== undefined) await project.destroyed('lab').finally(() => project[Symbol.dispose]());
  if (host !== undefined) expect(await host.leftovers({ images: true })).toEqual([]);
  await host?.[Symbol.asyncDispose]();
});

const inGuest = async (command: string) => (await project.expectDone(project.sandform('exec', 'lab/one', '--', 'sh', '-c', command))).stdout.trim();
const refused = async (...args: string[]) => {
  const { exitCode, errors } = await project.sandform(...args).end;
  return { exitCode, error: errors[0] };
};

/** Runs a program that lasts until Ctrl-C, and ends it so. */
async function during(program: Program, shown: RegExp, use: (match: RegExpExecArray) => Promise<void>): Promise<void> {
  try {
    await program.shows(shown);
    await use(shown.exec(program.output)!);
  } finally {
    program.kill('SIGINT');
  }
  expect(await program.end).toMatchObject({ exitCode: 0 });
}

/** What comes from a TCP port before it closes, or until there are so many bytes. */
function bytesOf(port: number, enough = Infinity): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1').setEncoding('latin1').setTimeout(20_000, () => socket.destroy(new Error('silence')));
    socket.on('data', (piece: string) => {
      text += piece;
      if (text.length >= enough) socket.destroy();
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

describe('sandform cp', () => {
  it('carries a folder in and out again, into a folder that is there', async () => {
    mkdirSync(join(project.folder, 'samples/deep'), { recursive: true });
    writeFileSync(join(project.folder, 'samples/deep/a.bin'), Buffer.from([0, 1, 2, 255]));
    const into = await project.expectDone(project.sandform('cp', 'samples', 'lab/one:/tmp/'));
    expect(into.stdout.trim()).toBe('lab/one:/tmp/samples');
    expect(await inGuest('ls -R /tmp/samples')).toContain('a.bin');
    mkdirSync(join(project.folder, 'back'));
    const { stdout } = await project.expectDone(project.sandform('cp', 'lab/one:/tmp/samples', 'back', '--json'));
    expect(JSON.parse(stdout)).toMatchObject({ to: 'back/samples', files: 1, bytes: 4, skipped: [] });
    expect(readFileSync(join(project.folder, 'back/samples/deep/a.bin'))).toEqual(Buffer.from([0, 1, 2, 255]));
  });

  it('refuses what it can’t do', async () => {
    expect(await refused('cp', 'a', 'b')).toEqual({ exitCode: 2, error: 'USAGE' });
    expect(await refused('cp', 'lab/one:/a', 'lab/blind:/b')).toEqual({ exitCode: 2, error: 'USAGE' });
    expect(await refused('cp', 'lab/one:/missing', 'there')).toEqual({ exitCode: 125, error: 'GUEST_FILE' });
    expect(await refused('cp', 'lab/none:/missing', 'there')).toEqual({ exitCode: 2, error: 'SANDBOX_NOT_FOUND' });
    await inGuest('dd if=/dev/zero of=/tmp/big bs=1M count=3 2>/dev/null');
    expect(await refused('cp', 'lab/one:/tmp/big', 'big', '--max-size', '2MiB')).toEqual({ exitCode: 125, error: 'GUEST_FILE' });
  });
});

describe('sandform logs', () => {
  it('shows what the console printed, and follows it', async () => {
    await inGuest('echo before >/dev/console');
    const program = project.sandform('logs', 'lab/one', '--follow');
    await during(program, /before/, async () => {
      await inGuest('echo after >/dev/console');
      await program.shows(/after/);
    });
  });

  it('shows the end of a flood, or all of it where asked to', async () => {
    await inGuest('i=0; while [ $i -lt 36000 ]; do echo "line $i of what nobody wants to read, and then some more of it"; i=$((i+1)); done >/dev/console; echo the end >/dev/console');
    const { stdout } = await project.expectDone(project.sandform('logs', 'lab/one', '--tail', '1KiB'));
    expect(stdout).toMatch(/the end/);
    expect(stdout.length).toBeLessThanOrEqual(1024);
    // libvirt's log daemon begins another file after two mebibytes.
    const all = await project.expectDone(project.sandform('logs', 'lab/one', '--tail', '64MiB'));
    expect(all.stdout.length).toBeGreaterThan(2 ** 21);
    expect(all.stdout).toMatch(/^line 0 of /m);
  });
});

describe('sandform forward', () => {
  it('reaches a port inside a sandbox without a network, again and again', async () => {
    await inGuest('setsid sh -c "while true; do echo pong | nc -l -p 7000; done" >/dev/null 2>&1 </dev/null & until netstat -ltn | grep -q :7000; do sleep 0.1; done');
    await during(project.sandform('forward', 'lab/one', '0:7000'), /127\.0\.0\.1:(\d+) is port 7000/, async ([, port]) => {
      expect(await bytesOf(Number(port))).toBe('pong\n');
      // The guest's program needs a moment to listen again.
      expect(await eventually('a second answer', async () => (await bytesOf(Number(port))) || undefined)).toBe('pong\n');
    });
  });

  it('tells that nothing listens there, and goes on', async () => {
    const program = project.sandform('forward', 'lab/one', '0:7001');
    await during(program, /127\.0\.0\.1:(\d+) is port 7001/, async ([, port]) => {
      expect(await bytesOf(Number(port))).toBe('');
      await program.shows(/GUEST_PORT/);
      expect(await bytesOf(Number(port))).toBe('');
    });
  });

  it('refuses a port that is taken', async () => {
    const server = await new Promise<Server>((resolve) => {
      const taken = createServer().listen(0, '127.0.0.1', () => resolve(taken));
    });
    const { port } = server.address() as { port: number };
    expect(await refused('forward', 'lab/one', `${port}:7000`)).toEqual({ exitCode: 2, error: 'PORT_TAKEN' });
    expect(await refused('forward', 'lab/one', '70000')).toEqual({ exitCode: 2, error: 'USAGE' });
    server.close();
  });
});

describe('sandform screen', () => {
  it('writes one picture', async () => {
    await project.expectDone(project.sandform('screen', 'lab/one', '-o', 'picture'));
    expect(readFileSync(join(project.folder, 'picture')).toString('latin1', 0, 8)).toMatch(/^(\x89PNG\r\n\x1a\n|P6)/);
  });

  it('relays the display to a client', async () => {
    await during(project.sandform('screen', 'lab/one', '--relay', '--json'), /"url":"vnc:\/\/127\.0\.0\.1:(\d+)"/, async ([, port]) => {
      expect(await bytesOf(Number(port), 12)).toMatch(/^RFB 003\.\d{3}\n$/);
    });
  });

  it('shows it live in a browser, and to nobody who does not know the secret', async () => {
    browser = await openBrowser(project.folder);
    await during(project.sandform('screen', 'lab/one', '--json'), /"url":"(http:\/\/127\.0\.0\.1:\d+)(\/[0-9a-f]{32}\/)"/, async ([, origin = '', path = '']) => {
      const page = await browser!.newPage();
      const failures: string[] = [];
      page.on('pageerror', (error) => failures.push(error.message)).on('console', (message) => message.type() === 'error' && failures.push(message.text()));
      await page.goto(`${origin}${path}`);
      // Text of the firmware and of the kernel: something that is not black.
      const bright = `(() => {
        const canvas = document.querySelector('canvas');
        return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((value, index) => index % 4 !== 3 && value > 100).length;
      })()`;
      await eventually('a picture', async () => Number(await page.evaluate(bright)) > 500);
      expect(failures.filter((text) => !text.includes('favicon'))).toEqual([]);
      await page.close();
      expect((await fetch(`${origin}/`)).status).toBe(404);
      expect((await fetch(`${origin}${'/0'.padEnd(33, '0')}/picture`)).status).toBe(404);
      // fetch chooses the Host header itself.
      expect(execFileSync('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'Host: elsewhere.example', `${origin}${path}picture`], { encoding: 'utf8' })).toBe('403');
    });
  });

  it('refuses a sandbox that has none', async () => {
    expect(await refused('screen', 'lab/blind')).toEqual({ exitCode: 125, error: 'SCREEN_UNAVAILABLE' });
  });
});

describe('sandform events', () => {
  it('tells what happens in the runs of a sandbox as it happens', async () => {
    const program = project.sandform('events', 'lab/one', '--follow');
    const run = project.sandform('run', 'lab/one', '--', 'echo', 'seen');
    await during(program, /guest_ready[^]*command ends[^]*exit code 0[^]*run_ending/, async () => void (await project.expectDone(run)));
    const { stdout } = await project.expectDone(project.sandform('events', 'latest', '--json'));
    const entries = stdout.trim().split('\n').map((line) => JSON.parse(line) as { type: string; address: string; name?: string });
    expect(entries.every(({ address }) => address === 'lab/one')).toBe(true);
    expect(entries.map(({ name }) => name)).toContain('guest_ready');
    expect(await refused('events', 'lab/nothing')).toEqual({ exitCode: 2, error: 'RUN_NOT_FOUND' });
  });
});

describe('completion', () => {
  /** What bash offers for a line, with the script that it was given. */
  async function offered(line: string): Promise<string[]> {
    const { stdout: script } = await project.expectDone(project.sandform('completion', 'bash'));
    const own = `sandform() { '${process.execPath}' '${join(__dirname, '../../../bin/sandform.js')}' "$@"; }\n`;
    const ask = `COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}; compopt() { :; }; _sandform; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { ...process.env, ...host.environment, SANDFORM_RUNS: project.runs };
    return execFileSync('bash', ['-c', `${own}${script}\n${ask}`], { cwd: project.folder, encoding: 'utf8', env }).trim().split('\n');
  }

  it('offers commands, options, choices and what is there', async () => {
    expect(await offered('sandform scr')).toEqual(['screen']);
    expect(await offered('sandform exec lab/')).toEqual(['lab/blind', 'lab/one']);
    expect(await offered('sandform exec lab/one --time')).toEqual(['--timeout']);
    expect(await offered('sandform cp lab/o')).toEqual(['lab/one:']);
    expect(await offered('sandform completion ')).toEqual(['bash', 'fish', 'zsh']);
    expect(await offered('sandform report la')).toEqual(['latest']);
    expect(await offered('sandform exec lab/one -- s')).toEqual(['']);
  });
});

describe('the console of a sandbox that is off', () => {
  it('can be read still', async () => {
    await inGuest('echo last words >/dev/console');
    host.virsh('destroy', 'lab-one');
    expect((await project.expectDone(project.sandform('logs', 'lab/one'))).stdout).toMatch(/last words/);
    expect(await refused('screen', 'lab/one')).toEqual({ exitCode: 125, error: 'SANDBOX_OFF' });
  });
});
