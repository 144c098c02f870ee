import { SandformError } from '../../../lib/errors';
import { type Static, type TSchema, Type } from '../../../lib/schema';
import { parsed } from '../../../lib/spec';
import type { GuestPorts } from '../guest-channel';

/** Milliseconds that one answer of the agent may take. */
const ANSWER_TIMEOUT = 20_000;

const open = { additionalProperties: true } as const;
const Pid = Type.Object({ pid: Type.Integer({ minimum: 1 }) }, open);
const Status = Type.Object({ exited: Type.Boolean(), exitcode: Type.Optional(Type.Integer()), signal: Type.Optional(Type.Integer()) }, open);
export type AgentStatus = Static<typeof Status>;
const Chunk = Type.Object({ count: Type.Integer({ minimum: 0 }), 'buf-b64': Type.Optional(Type.String()), eof: Type.Boolean() }, open);
const Handle = Type.Integer();
const Anything = Type.Unknown();

/**
 * The commands of the QEMU guest agent that are used here, one at a time: libvirt lets only one be under way per domain.
 * Reference: https://www.qemu.org/docs/master/interop/qemu-ga-ref.html. Answers come from the guest and are checked.
 */
export class AgentCalls {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly ports: GuestPorts) {}

  async ping(): Promise<void> {
    await this.call(Anything, 'guest-ping');
  }

  async exec(program: string, args: readonly string[], input?: Uint8Array): Promise<number> {
    const { pid } = await this.call(Pid, 'guest-exec', { path: program, arg: args, 'capture-output': false, ...(input ? { 'input-data': base64(input) } : {}) });
    return pid;
  }

  status(pid: number): Promise<AgentStatus> {
    return this.call(Status, 'guest-exec-status', { pid });
  }

  open(path: string, mode: 'r' | 'w'): Promise<number> {
    return this.call(Handle, 'guest-file-open', { path, mode });
  }

  /** At most `count` bytes from where the last read ended; none at the end of the file. */
  async read(handle: number, count: number): Promise<Buffer> {
    const { 'buf-b64': text = '' } = await this.call(Chunk, 'guest-file-read', { handle, count });
    return Buffer.from(text, 'base64').subarray(0, count);
  }

  /** Says how many bytes were taken. */
  async write(handle: number, data: Uint8Array): Promise<number> {
    const { count } = await this.call(Type.Object({ count: Type.Integer({ minimum: 0 }) }, open), 'guest-file-write', { handle, 'buf-b64': base64(data) });
    return Math.min(count, data.length);
  }

  async close(handle: number): Promise<void> {
    await this.call(Anything, 'guest-file-close', { handle });
  }

  private call<S extends TSchema>(schema: S, execute: string, args?: object): Promise<Static<S>> {
    const answer = this.last.then(() => this.send(schema, execute, args));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  private async send<S extends TSchema>(schema: S, execute: string, args: object | undefined): Promise<Static<S>> {
    const doing = `${this.ports.address}: asking the guest agent (${execute})`;
    const text = await this.ports.agentCommand(JSON.stringify({ execute, ...(args ? { arguments: args } : {}) }), ANSWER_TIMEOUT);
    return parsed(schema, returned(text, doing), 'GUEST_PROTOCOL', doing);
  }
}

function returned(text: string, doing: string): unknown {
  try {
    return (JSON.parse(text) as { readonly return?: unknown }).return;
  } catch (cause) {
    throw new SandformError('GUEST_PROTOCOL', { doing, given: text.slice(0, 200), cause });
  }
}

function base64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64');
}
