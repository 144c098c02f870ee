import { COMPANION_ENVIRONMENT, CompanionCall, CompanionMoment } from '../../lib/companion';
import { SandformError } from '../../lib/errors';
import { printable } from '../../lib/text';
import { parsed } from '../../lib/spec';
import { LibvirtConnection } from '../libvirt';
import { registerProcess } from '../processes';
import { accompany } from './companion';

/** What Terraform runs: reads its input from the environment, does it, and ends with 0, or with 1 and a coded error on stderr. */
async function main(): Promise<void> {
  const doing = 'reading what Terraform asks of the companion';
  const moment = parsed(CompanionMoment, process.env[COMPANION_ENVIRONMENT.when], 'COMPANION_INPUT', doing);
  const call = parsed(CompanionCall, json(process.env[COMPANION_ENVIRONMENT.input] ?? ''), 'COMPANION_INPUT', doing);
  const { LIBVIRT_DEFAULT_URI: defaultUri } = process.env;
  const uri = call[0]?.uri ?? defaultUri;
  using _registration = registerProcess({ what: 'companion', ...(uri ? { uri } : {}), worksFor: ['terraform', 'tofu'] });
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort(new Error(signal)));
  await accompany(call, moment, {
    ...(defaultUri ? { defaultUri } : {}),
    signal: AbortSignal.any([interruption.signal, AbortSignal.timeout(DEADLINE_MS)]),
    tell,
  });
}

/** Beyond this the companion gives up by itself, whatever it waits for. */
const DEADLINE_MS = 2 * 60 * 60_000;

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tell(line: string): void {
  process.stderr.write(`sandform: ${printable(line, { singleLine: true })}\n`);
}

// Starting libvirt's thread takes a while.
LibvirtConnection.prepare();
main().catch((error: unknown) => {
  process.stderr.write(`${SandformError.from(error, 'looking after the host for Terraform').format()}\n`);
  process.exitCode = 1;
});
