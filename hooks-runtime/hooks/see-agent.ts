import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { isIP } from 'node:net';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SandformError, messageOf } from '../../lib/errors';
import type { SandboxEvent } from '../../lib/events';
import { type Static, Type } from '../../lib/schema';
import { mistakesOf } from '../../lib/spec';
import { Duration } from '../../lib/units';
import { durationText } from './config-types';
import { Hook } from './hook';
import type { HookContext } from './hook-context';

const Config = Type.Object(
  {
    port: Type.Integer({ minimum: 1, maximum: 65535, description: 'port of the agent in the guest' }),
    host: Type.Optional(Type.String({ minLength: 1, description: 'its address, until the event `ip_address` tells another' })),
    patience: durationText({ default: '60s', description: 'how long the agent may take to listen' }),
    timeout: durationText({ default: '10m', description: 'how long one command may take' }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;

/** What the agent answers, as SEE's documents it. */
const Answer = Type.Object({ exit_code: Type.Union([Type.Integer(), Type.Null()]), command_output: Type.String() });

/** More than this is no answer of an agent. */
const LARGEST_ANSWER = 16 * 2 ** 20;

/** A request for the agent. */
interface Asked {
  readonly command: string;
  /** Path of a file of this machine, which takes the place of `{sample}`. */
  readonly sample?: string;
  /** Whether the agent answers while the command goes on. */
  readonly isAsync: boolean;
}

/**
 * Runs commands and samples through the agent of SEE in the guest, by HTTP over the network: on the events `run_command` (`command`) and
 * `run_sample` (`command` with `{sample}` in it, `sample`: path of a file of this machine), at the address that `ip_address` (`address`) told.
 * The answers are kept in the record, and `agent_answered` is fired.
 *
 * For guests that were made for SEE: the agent has no login, and takes one request at a time. Others have `Commands`.
 */
export class SeeAgent extends Hook<Config, Partial<Config> & Pick<Config, 'port'>> {
  static override readonly source = __filename;
  static override readonly config = Config;
  static override readonly needs = ['network'] as const;

  override attach(context: HookContext, config: Config): void {
    let host = config.host;
    const deadline = Duration.parse(config.timeout).milliseconds + Duration.parse(config.patience).milliseconds + MARGIN;
    const ask = (event: SandboxEvent, asked: Asked) => this.ask(context, config, host, { event, asked });
    context.events.on('ip_address', ({ data }) => {
      if (typeof data['address'] === 'string') host = data['address'];
    });
    context.events.on('run_command', (event) => ask(event, askedBy(event, false)), { mode: 'async', deadline });
    context.events.on('run_sample', (event) => ask(event, askedBy(event, true)), { mode: 'async', deadline });
  }

  private async ask({ sandbox, record, events, signal }: HookContext, { port, patience, timeout }: Config, host: string | undefined, { event, asked }: { event: SandboxEvent; asked: Asked }): Promise<void> {
    const doing = `${sandbox.address}: asking SEE's agent, on ${event.name}`;
    if (host === undefined) throw new SandformError('SEE_AGENT', { doing, given: 'no address of the guest', expected: 'an event `ip_address` before', fix: "set the hook's host, or fire ip_address first" });
    const url = urlOf(host, port, asked);
    const given = AbortSignal.any([signal, AbortSignal.timeout(Duration.parse(timeout).timerMilliseconds)]);
    const text = await answerOf(url, { asked, doing, signal: given, until: Date.now() + Duration.parse(patience).milliseconds });
    const { exit_code: exitCode, command_output: output } = parsedAnswer(text, doing);
    const { file } = await record.add('agent-answer', JSON.stringify({ command: asked.command, ...(asked.sample === undefined ? {} : { sample: asked.sample }), exit_code: exitCode, command_output: output }, null, 2), { type: 'application/json', reason: event.name });
    await events.emit('agent_answered', { command: asked.command, exitCode, artifact: file });
  }
}

/** For what lies around a request. */
const MARGIN = 5_000;
const ASK_AGAIN_MS = 1_000;

/** Attributes as SEE's protocols give them; older ones called the last one otherwise. */
function askedBy({ name, data }: SandboxEvent, needsSample: boolean): Asked {
  const { command, sample } = data;
  const isAsync = [data['async_flag'], data['async'], data['asyn']].some((flag) => flag === true || flag === 1);
  if (typeof command !== 'string' || (needsSample && (typeof sample !== 'string' || !command.includes('{sample}')))) {
    throw new SandformError('SEE_AGENT', { doing: `reading the event '${name}'`, given: data, expected: needsSample ? 'a command with {sample} in it, and a sample' : 'a command', fix: 'fire the event with them' });
  }
  return { command, isAsync, ...(needsSample ? { sample: sample as string } : {}) };
}

function urlOf(host: string, port: number, { command, sample, isAsync }: Asked): URL {
  const url = new URL(`http://${isIP(host) === 6 ? `[${host}]` : host}:${port}/`);
  url.searchParams.set('command', command);
  if (sample !== undefined) url.searchParams.set('sample', basename(sample));
  url.searchParams.set('async', isAsync ? '1' : '0');
  return url;
}

interface Request {
  readonly asked: Asked;
  readonly doing: string;
  readonly signal: AbortSignal;
  /** Until when nobody need listen, milliseconds since 1970. */
  readonly until: number;
}

/** Asks again while nobody listens: the guest may still be booting. What was heard once is not asked again. */
async function answerOf(url: URL, asking: Request): Promise<string> {
  for (;;) {
    try {
      return await answer(url, asking);
    } catch (error) {
      const { code } = error as { code?: unknown };
      const isDeaf = code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ETIMEDOUT';
      if (!isDeaf || Date.now() >= asking.until || asking.signal.aborted) {
        throw SandformError.is(error) ? error : new SandformError('SEE_AGENT', { doing: asking.doing, given: `${url.host}: ${messageOf(error)}`, cause: error });
      }
      await pause(ASK_AGAIN_MS, undefined, { signal: asking.signal }).catch(() => undefined);
    }
  }
}

async function answer(url: URL, { asked: { sample }, doing, signal }: Request): Promise<string> {
  const size = sample === undefined ? undefined : (await stat(sample)).size;
  return new Promise((resolve, reject) => {
    const headers = size === undefined ? {} : { 'content-type': 'application/octet-stream', 'content-length': size };
    const asking = request(url, { method: sample === undefined ? 'GET' : 'POST', headers, signal, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      let length = 0;
      response.on('data', (piece: Buffer) => {
        length += piece.length;
        pieces.push(piece);
        if (length > LARGEST_ANSWER) asking.destroy(new SandformError('GUEST_FLOOD', { doing, given: `more than ${LARGEST_ANSWER} bytes in one answer` }));
      });
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new SandformError('SEE_AGENT', { doing, given: `status ${response.statusCode ?? 0}: ${text.slice(0, 500)}`, expected: 'status 200' }));
      });
    });
    asking.on('error', reject);
    if (sample === undefined) asking.end();
    else createReadStream(sample).on('error', (error) => asking.destroy(error)).pipe(asking);
  });
}

function parsedAnswer(text: string, doing: string): Static<typeof Answer> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The schema then says what was expected.
  }
  if (mistakesOf(Answer, document).length === 0) return document as Static<typeof Answer>;
  throw new SandformError('SEE_AGENT', { doing, given: text.slice(0, 500), expected: 'a JSON object with exit_code and command_output' });
}
