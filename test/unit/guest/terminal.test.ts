import { PassThrough } from 'node:stream';
import { type RunningCommand, attachTerminal } from '../../../hooks-runtime/guest';

function session() {
  const raw: boolean[] = [];
  const typed: string[] = [];
  const sizes: [number, number][] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 30 });
  const input = new PassThrough();
  input.on('data', (chunk: Buffer) => typed.push(chunk.toString()));
  let end: (failure?: Error) => void = () => undefined;
  const ended = new Promise<never>((resolve, reject) => (end = (failure) => (failure ? reject(failure) : resolve({ exitCode: 0 } as never))));
  const running = { stdin: input, stdout: new PassThrough(), resize: (columns: number, rows: number) => sizes.push([columns, rows]), wait: () => ended } as unknown as RunningCommand;
  return { raw, typed, sizes, stdin, stdout, running, end };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a terminal that is given to a command', () => {
  it('is raw meanwhile, follows its size, and is put back', async () => {
    const { raw, typed, sizes, stdin, stdout, running, end } = session();
    const attached = attachTerminal(running, { stdin, stdout });
    stdin.write('ls ~.\r');
    Object.assign(stdout, { columns: 120, rows: 40 }).emit('resize');
    await turn();
    end();
    await expect(attached).resolves.toEqual({ exitCode: 0 });
    expect({ raw, typed, sizes }).toEqual({ raw: [true, false], typed: ['ls ~.\r'], sizes: [[100, 30], [120, 40]] });
    expect(stdin.listenerCount('data') + stdout.listenerCount('resize')).toBe(0);
  });

  it('is left by ~. at the beginning of a line, also typed in pieces', async () => {
    const { raw, typed, stdin, stdout, running } = session();
    const attached = attachTerminal(running, { stdin, stdout });
    stdin.write('a\r~x\r~');
    await turn();
    stdin.write('.never');
    await expect(attached).resolves.toBeUndefined();
    expect({ raw, typed: typed.join('') }).toEqual({ raw: [true, false], typed: 'a\r~x\r' });
  });

  it('is put back where the command is lost', async () => {
    const { raw, stdin, stdout, running, end } = session();
    const attached = attachTerminal(running, { stdin, stdout });
    end(new Error('lost'));
    await expect(attached).rejects.toThrow('lost');
    expect(raw).toEqual([true, false]);
  });
});
