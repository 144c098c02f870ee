import { type RunsOn, mustOffer } from '../../lib/capabilities';
import { SandformError } from '../../lib/errors';
import { volumeName } from '../../lib/naming';
import { SandformPool } from '../images';
import type { Domain, LibvirtConnection } from '../libvirt';
import type { Disks } from './disks';

/**
 * The disks of a libvirt domain, read from the pool that they lie in. QEMU writes what it keeps in memory of a disk into its file whenever it
 * stops the guest's processors, so what is read from a guest that stands still is whole.
 */
export class DomainDisks implements Disks {
  constructor(
    private readonly address: string,
    private readonly domain: Domain,
    private readonly connection: LibvirtConnection,
    private readonly on: RunsOn,
  ) {}

  async *layer(name = 'root'): AsyncGenerator<Buffer> {
    const doing = `${this.address}: reading disk '${name}'`;
    mustOffer(this.on, 'disk', doing);
    const volume = await (await SandformPool.find(this.connection))?.findVolume(volumeName(this.domain.name, name, 'qcow2'));
    if (volume === undefined) throw new SandformError('LIBVIRT_NOT_FOUND', { doing, given: 'no volume of it in the storage pool', expected: 'the name of a disk of the sandbox' });
    const isRunning = (await this.domain.state()).state === 'running';
    if (isRunning) await this.domain.suspend();
    try {
      for await (const piece of volume.download()) yield piece as Buffer;
    } finally {
      if (isRunning) await this.domain.resume();
    }
  }
}
