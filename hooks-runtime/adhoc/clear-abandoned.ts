import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { listSandboxes } from '../inventory';
import { LibvirtConnection } from '../libvirt';
import { AdHocProject } from './ad-hoc-project';

/** Removes the folders of ad hoc runs that were killed, once nothing of their stacks lives on the host. */
export async function clearAbandoned(root: string, uri: string): Promise<void> {
  const abandoned = AdHocProject.abandoned(root);
  if (abandoned.length === 0) return;
  await using connection = await LibvirtConnection.open(uri, { readOnly: true });
  const living = new Set((await listSandboxes(connection)).sandboxes.map(({ spec }) => spec.identity.stack));
  for (const stack of abandoned) if (!living.has(stack)) rmSync(join(root, stack), { recursive: true, force: true });
}
