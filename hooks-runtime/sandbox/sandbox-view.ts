import type { Sandbox } from './sandbox';

/** A sandbox as somebody sees it who does not own it: some of it otherwise, and nothing to dispose of. */
export function sandboxView(sandbox: Sandbox, changes: Partial<Sandbox>): Sandbox {
  const { address, spec, isolation, host, commands, files, ports, screen, console, memory, disks, power, events } = sandbox;
  return {
    ...{ address, spec, isolation, host, commands, files, ports, screen, console, memory, disks, power, events },
    addresses: () => sandbox.addresses(),
    interfaces: () => sandbox.interfaces(),
    waitForGuest: (options) => sandbox.waitForGuest(options),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...changes,
  };
}
