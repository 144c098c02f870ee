import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SandformError, messageOf } from '../../lib/errors';
import type { DiskFormat } from '../../lib/images';
import type { DiskMaking } from './make-disk';

const run = promisify(execFile);
const DEADLINE_MS = 60 * 60_000;
/** A converter that a hostile file has taken over gets no more memory and processor time than this. */
const MOST_MEMORY = 4 * 2 ** 30;
const MOST_SECONDS = 3600;

/** It ends with this process however that ends, so that it never writes where the next attempt does. */
const AS_LONG_AS_WE = ['--pdeathsig', 'KILL', '--'];

/**
 * Has qemu-img make a qcow2 of a disk whose header was read before: the format is told, never guessed, and nothing that the file
 * may name is opened.
 * @throws SandformError `IMAGE_CONVERSION`, `INTERRUPTED`
 */
export async function converted(from: string, to: string, format: DiskFormat, { doing, limit, signal }: DiskMaking): Promise<void> {
  const limits = [`--fsize=${limit}`, `--as=${MOST_MEMORY}`, `--cpu=${MOST_SECONDS}`, '--core=0'];
  const args = ['convert', '-q', '-f', format, '-O', 'qcow2', '-o', 'compat=1.1,lazy_refcounts=off', '--', from, to];
  try {
    await run('setpriv', [...AS_LONG_AS_WE, 'prlimit', ...limits, 'qemu-img', ...args], { timeout: DEADLINE_MS, killSignal: 'SIGKILL', signal, env: { PATH: process.env['PATH'], LC_ALL: 'C' } });
  } catch (error) {
    signal.throwIfAborted();
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    const said = (stderr ?? '').trim() || messageOf(error);
    if (code === 'ENOENT' || /failed to execute/.test(said)) throw new SandformError('IMAGE_CONVERSION', { doing, given: `not all of qemu-img, prlimit and setpriv are in PATH: ${said}`, expected: 'qemu-img, which converts disks', fix: 'install qemu-utils and util-linux', cause: error });
    if (/No space left on device/.test(said)) throw new SandformError('DISK_FULL', { doing, given: said, cause: error });
    throw new SandformError('IMAGE_CONVERSION', { doing, given: `qemu-img could not read it as ${format}: ${said}`, cause: error });
  }
}
