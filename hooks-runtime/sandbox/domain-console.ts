import { setTimeout as pause } from 'node:timers/promises';
import { SandformError } from '../../lib/errors';
import { whyNotOffered } from '../../lib/capabilities';
import { consoleLogName } from '../../lib/naming';
import type { DomainPart } from '../../lib/spec';
import { SandformPool } from '../images';
import type { LibvirtConnection, StorageVolume } from '../libvirt';
import type { Console } from './console';

const DEFAULT_TAIL = 2 ** 20;
/** Milliseconds between looks for more. */
const LOOK_INTERVAL = 250;
/** Of one look at most: what the log daemon keeps in one file. */
const MOST = 16 * 2 ** 20;

/** The console of a libvirt domain, from the log that libvirt's daemon writes. Reading takes it from nobody. */
export class DomainConsole implements Console {
  constructor(
    private readonly address: string,
    private readonly domain: Pick<DomainPart, 'name' | 'hypervisor' | 'other'>,
    private readonly connection: LibvirtConnection,
  ) {}

  async log({ tail = DEFAULT_TAIL }: { readonly tail?: number } = {}): Promise<Buffer> {
    let log = await bytesFrom(await this.volume(), 0);
    if (log.length >= tail) return log.subarray(-tail);
    for await (const older of this.older()) {
      log = Buffer.concat([await bytesFrom(older, 0), log]);
      if (log.length >= tail) break;
    }
    return log.subarray(-tail);
  }

  async *follow({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<Buffer> {
    let volume = await this.volume();
    let offset = (await bytesFrom(volume, 0)).length;
    while (!signal.aborted) {
      const more = await bytesFrom(volume, offset);
      offset += more.length;
      if (more.length > 0) yield more;
      else if (await this.hasRestarted(volume, offset)) offset = 0;
      await pause(LOOK_INTERVAL, undefined, { signal }).catch(() => undefined);
      volume = await this.volume();
    }
  }

  private async hasRestarted(volume: StorageVolume, offset: number): Promise<boolean> {
    return offset > 0 && (await first(volume.download({ offset: offset - 1, length: 1 }))).length === 0;
  }

  /** What the log daemon has put aside, the newest first. It does so without a word to the pool. */
  private async *older(): AsyncGenerator<StorageVolume> {
    const pool = await SandformPool.find(this.connection);
    await pool?.refresh();
    for (let index = 0; ; index += 1) {
      const volume = await pool?.findVolume(`${consoleLogName(this.domain.name)}.${index}`);
      if (volume === undefined) return;
      yield volume;
    }
  }

  private async volume(): Promise<StorageVolume> {
    const volume = await (await SandformPool.find(this.connection))?.findVolume(consoleLogName(this.domain.name));
    if (volume !== undefined) return volume;
    const doing = `${this.address}: reading its console`;
    const { hypervisor, other } = this.domain;
    const reason = whyNotOffered(this.domain, 'consoleLog');
    if (reason === undefined) throw new SandformError('CONSOLE_UNAVAILABLE', { doing, given: 'no log of its console in the storage pool' });
    throw new SandformError('CONSOLE_UNAVAILABLE', { doing, given: `hypervisor '${other?.name ?? hypervisor}': ${reason}`, expected: 'a hypervisor that the capability table in the README says to offer consoleLog', fix: 'have programs write into files, and read those with `sandform exec` or `sandform cp`' });
  }
}

async function bytesFrom(volume: StorageVolume, offset: number): Promise<Buffer> {
  return first(volume.download({ offset, length: MOST }));
}

async function first(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}
