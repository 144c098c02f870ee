import type { ContextReading } from './context-reading';
import { readDisk } from './machine-context';
import type { SeeReading } from './reading';

/** Tells that contexts of VirtualBox can't be had, with what else would be wrong with this one. */
export function refuseVirtualBox({ context, where, files }: ContextReading, reading: SeeReading): undefined {
  reading.mistake('SEE_UNOFFERED', where, { given: 'a VirtualBox machine', expected: 'what this version translates of SEE', fix: 'use a QEMU domain with the same image' });
  if (context.domain.filesystem !== undefined) reading.note('meaningless', `${where}: domain.filesystem`, 'SEE read it for containers alone');
  if (context.network !== undefined) reading.note('meaningless', `${where}: network`, 'SEE did not read it for VirtualBox');
  readDisk(context, where, files, reading);
  return undefined;
}
