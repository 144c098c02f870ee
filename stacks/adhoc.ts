import { App } from 'cdktf';
import { Guest, Image, Sandbox, SandboxNetwork } from '../constructs';
import { SandformError } from '../lib';
import { AD_HOC_VARIABLE, type AdHocDescription, type SeeDescription } from '../lib/adhoc';
import { SandboxStack } from './sandbox-stack';
import { declareSee } from './see';

/**
 * The app of an ad hoc run: a program of its own, because the command line works without a CDK. Synthesizes the described
 * sandbox under the working directory. Its errors are JSON on standard output, a line each.
 */
function main(): void {
  const description = JSON.parse(process.env[AD_HOC_VARIABLE] ?? '') as AdHocDescription | SeeDescription;
  const app = new App({ outdir: 'cdktf.out' });
  const stack = new SandboxStack(app, description.stack, { app: description.app, ttl: description.ttl });
  if ('see' in description) declareSee(stack, description.sandbox, description.see);
  else declareGuest(stack, description);
  app.synth();
}

function declareGuest(stack: SandboxStack, { sandbox, guest, memory, vcpus, network }: AdHocDescription): void {
  new Sandbox(stack, sandbox, {
    guest: 'built' in guest ? builtGuest(guest.built) : Guest.fromImage(Image.fromPath(guest.image), { agent: guest.agent }),
    ...(memory === undefined ? {} : { memory }),
    ...(vcpus === undefined ? {} : { vcpus }),
    ...(network ? { networks: [new SandboxNetwork(stack, 'net')] } : {}),
  });
}

const BUILT: Readonly<Record<string, () => Guest>> = { micro: () => Guest.micro(), debian12: () => Guest.debian12(), 'debian12-uefi': () => Guest.debian12({ firmware: 'uefi' }) };

function builtGuest(name: string): Guest {
  const guest = BUILT[name];
  if (guest !== undefined) return guest();
  throw new SandformError('PROP_INVALID', { doing: 'describing the sandbox', given: name, expected: Object.keys(BUILT).join(', ') });
}

try {
  main();
} catch (error) {
  if (!SandformError.is(error)) throw error;
  process.stdout.write(`${JSON.stringify(error)}\n`);
  process.exitCode = 2;
}
