import type { Domain } from './domain';
import { isLibvirtError } from './libvirt-error';

/** Cuts the power of a domain; fine where it is off. @throws SandformError `LIBVIRT_*` */
export async function powerOff(domain: Domain): Promise<void> {
  if (!(await domain.info()).active) return;
  try {
    await domain.destroy();
  } catch (error) {
    // It may have stopped by itself between question and act.
    if (!isLibvirtError(error, 'OPERATION_INVALID') || (await domain.info()).active) throw error;
  }
}
