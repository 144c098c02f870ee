import { join } from 'node:path';
import { type RunsOn, mustOffer } from '../../lib/capabilities';
import { SandformError } from '../../lib/errors';
import { memoryDumpName } from '../../lib/naming';
import { SandformPool } from '../images';
import type { Domain, LibvirtConnection } from '../libvirt';
import type { Memory } from './memory';

/** The memory of a libvirt domain. libvirt writes dumps on its own machine, so they come by way of the pool, from which they are removed at once. */
export class DomainMemory implements Memory {
  constructor(
    private readonly address: string,
    private readonly domain: Domain,
    private readonly connection: LibvirtConnection,
    private readonly on: RunsOn,
  ) {}

  async *dump(): AsyncGenerator<Buffer> {
    const doing = `${this.address}: dumping its memory`;
    mustOffer(this.on, 'memory', doing);
    if ((await this.domain.state()).state === 'shutoff') throw new SandformError('SANDBOX_OFF', { doing });
    const pool = await SandformPool.ensure(this.connection);
    const name = memoryDumpName(this.domain.name);
    try {
      await this.domain.coreDump(join(await pool.path(), name));
      await pool.refresh();
      const volume = await pool.findVolume(name);
      if (volume === undefined) throw new SandformError('INTERNAL', { doing, given: 'no dump in the storage pool after libvirt wrote it' });
      for await (const piece of volume.download()) yield piece as Buffer;
    } finally {
      await pool.refresh();
      await pool.remove(name);
    }
  }
}
