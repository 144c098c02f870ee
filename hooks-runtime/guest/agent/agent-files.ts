import { SandformError } from '../../../lib/errors';
import type { Commands } from '../commands';
import { fileError } from '../file-error';
import { ShellFileSystem, fileFailureIn } from '../shell-file-system';
import type { FileTask } from '../tree-files';
import type { AgentCalls } from './agent-calls';

/** Bytes per question: the agent takes long ones apart slowly. */
const CHUNK = 48 * 2 ** 10;
/** A guest's files through its agent: contents by the agent's own commands, the rest by the guest's shell. */
export class AgentFiles extends ShellFileSystem {
  constructor(
    private readonly calls: AgentCalls,
    commands: Commands,
    task: FileTask,
  ) {
    super(commands, task);
  }

  async *read(path: string): AsyncGenerator<Buffer> {
    const handle = await this.do(() => this.calls.open(path, 'r'));
    try {
      for (;;) {
        const chunk = await this.do(() => this.calls.read(handle, CHUNK));
        if (chunk.length === 0) return;
        yield chunk;
      }
    } finally {
      await this.letGo(handle);
    }
  }

  async write(path: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mode: number): Promise<void> {
    const handle = await this.do(() => this.calls.open(path, 'w'));
    try {
      for await (const piece of source) {
        for (let start = 0; start < piece.length; ) start += await this.do(() => this.writeSome(handle, piece.subarray(start, start + CHUNK)));
      }
    } catch (error) {
      await this.letGo(handle);
      throw error;
    }
    await this.do(() => this.calls.close(handle));
    await this.ask(`chmod ${mode.toString(8)} -- "$1"`, path);
  }

  private async writeSome(handle: number, data: Uint8Array): Promise<number> {
    const taken = await this.calls.write(handle, data);
    if (taken === 0) throw fileError(this.task.doing, 'failed', 'the guest took nothing of it');
    return taken;
  }

  private async do<T>(work: () => Promise<T>): Promise<T> {
    const { doing, signal } = this.task;
    if (signal?.aborted) throw new SandformError('INTERRUPTED', { doing, cause: signal.reason });
    try {
      return await work();
    } catch (error) {
      const failure = SandformError.from(error, doing);
      // libvirt's code for whatever the agent itself refuses
      throw failure.code === 'LIBVIRT_FAILED' ? fileError(doing, fileFailureIn(failure.given ?? ''), failure.given, failure) : failure;
    }
  }

  private async letGo(handle: number): Promise<void> {
    await this.calls.close(handle).catch(() => undefined);
  }
}
