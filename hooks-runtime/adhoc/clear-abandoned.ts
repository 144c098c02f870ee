import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeSharedFolders } from '../containers';
import { HostConnections, listAllSandboxes } from '../inventory';
import { AdHocProject } from './ad-hoc-project';

/** Removes the folders of ad hoc runs that were killed, and those that they shared with containers, once nothing of their stacks lives on the host. */
export async function clearAbandoned(root: string, uri: string): Promise<void> {
  const abandoned = AdHocProject.abandoned(root);
  if (abandoned.length === 0) return;
  await using host = await HostConnections.open(uri, { readOnly: true });
  const living = new Set((await listAllSandboxes(host.all)).sandboxes.map(({ spec }) => spec.identity.stack));
  for (const stack of abandoned.filter((name) => !living.has(name))) {
    await removeSharedFolders(host.main, stack);
    rmSync(join(root, stack), { recursive: true, force: true });
  }
}
