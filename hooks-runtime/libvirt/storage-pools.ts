import type { PoolInfo } from './native/storage-calls';
import { type Session, unlessMissing } from './session';
import { StoragePool } from './storage-pool';
import { StorageVolume } from './storage-volume';

/** The storage pools of a connection. */
export class StoragePools {
  constructor(private readonly session: Session) {}

  /** @throws SandformError `LIBVIRT_NOT_FOUND` */
  async get(name: string): Promise<StoragePool> {
    return new StoragePool(this.session, await this.session.threads.run('poolByName', { doing: `looking for storage pool '${name}'` }, name));
  }

  find(name: string): Promise<StoragePool | undefined> {
    return unlessMissing(this.get(name));
  }

  /** @throws SandformError `LIBVIRT_NOT_FOUND` */
  async getByUuid(uuid: string): Promise<StoragePool> {
    return new StoragePool(this.session, await this.session.threads.run('poolByUuid', { doing: `looking for storage pool ${uuid}` }, uuid));
  }

  findByUuid(uuid: string): Promise<StoragePool | undefined> {
    return unlessMissing(this.getByUuid(uuid));
  }

  /** All pools, active and inactive, with their state. */
  list(): Promise<PoolInfo[]> {
    return this.session.threads.run('poolList', { doing: 'listing storage pools' }, 0);
  }

  /** Defines a persistent pool, or changes one. It is neither built nor started. */
  async define(xml: string): Promise<StoragePool> {
    return new StoragePool(this.session, await this.session.threads.run('poolDefine', { doing: 'defining a storage pool' }, xml));
  }

  /** The volume at a path of the host, whichever active pool it is in. @throws SandformError `LIBVIRT_NOT_FOUND` */
  async volumeByPath(path: string): Promise<StorageVolume> {
    return new StorageVolume(this.session, await this.session.threads.run('volumeByPath', { doing: `looking for the volume at '${path}'` }, path));
  }
}
