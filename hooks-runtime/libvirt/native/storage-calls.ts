import type { CallContext } from './call-context';
import { checked, unlessVanished } from './checked';
import { libvirt, type Pointer } from './library';
import { drained, Out, readStruct, structAt, uuidText } from './memory';
import { STRUCTS } from './structs';

export interface PoolIdentity {
  readonly uuid: string;
  readonly name: string;
}

/** A storage pool; sizes in bytes, zero while it is inactive. */
export interface PoolInfo extends PoolIdentity {
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
  readonly capacity: number;
  readonly allocation: number;
  readonly available: number;
}

/** A volume, known by its pool and its name in it. */
export interface VolumeIdentity {
  readonly pool: PoolIdentity;
  readonly name: string;
  /** Where it lies on the host that libvirt runs on. */
  readonly path: string;
}

/** A volume's sizes in bytes. */
export interface VolumeInfo {
  /** What a guest sees. */
  readonly capacity: number;
  /** What it takes on the host. */
  readonly allocation: number;
  /** The length of its file, with what is a hole in it; absent where the driver does not tell. */
  readonly physical: number | undefined;
}

/** Looks a volume up, uses it and frees it. */
export function withVolume<Result>(context: CallContext, poolUuid: string, name: string, use: (volume: Pointer, connection: Pointer) => Result): Result {
  return withPool(context, poolUuid, (pool, connection) => {
    const volume = checked(connection, libvirt.virStorageVolLookupByName(pool, name));
    try {
      return use(volume, connection);
    } finally {
      libvirt.virStorageVolFree(volume);
    }
  });
}

/** Calls that concern storage pools and their volumes. Pools are addressed by UUID, volumes by that and their name. */
export const storageCalls = {
  poolList({ connection }: CallContext, flags: number): PoolInfo[] {
    const array = new Out();
    const length = checked(connection, libvirt.virConnectListAllStoragePools(connection, array.buffer, flags));
    return drained(array.pointer, length, libvirt.virStoragePoolFree, (pool) => unlessVanished(() => poolInfoOf(pool, connection)));
  },

  poolByName: ({ connection }: CallContext, name: string): PoolIdentity => taken(connection, libvirt.virStoragePoolLookupByName(connection, name)),
  poolByUuid: ({ connection }: CallContext, uuid: string): PoolIdentity => taken(connection, libvirt.virStoragePoolLookupByUUIDString(connection, uuid)),
  poolDefine: ({ connection }: CallContext, xml: string): PoolIdentity => taken(connection, libvirt.virStoragePoolDefineXML(connection, xml, 0)),

  poolInfo: (context: CallContext, uuid: string): PoolInfo => withPool(context, uuid, poolInfoOf),
  poolXml: (context: CallContext, uuid: string, flags: number): string =>
    withPool(context, uuid, (pool, connection) => checked(connection, libvirt.virStoragePoolGetXMLDesc(pool, flags))),
  poolBuild: actOnPool((pool, flags: number) => libvirt.virStoragePoolBuild(pool, flags)),
  poolCreate: actOnPool((pool, flags: number) => libvirt.virStoragePoolCreate(pool, flags)),
  poolDestroy: actOnPool((pool) => libvirt.virStoragePoolDestroy(pool)),
  poolDelete: actOnPool((pool) => libvirt.virStoragePoolDelete(pool, 0)),
  poolUndefine: actOnPool((pool) => libvirt.virStoragePoolUndefine(pool)),
  poolRefresh: actOnPool((pool) => libvirt.virStoragePoolRefresh(pool, 0)),
  poolSetAutostart: actOnPool((pool, on: boolean) => libvirt.virStoragePoolSetAutostart(pool, on ? 1 : 0)),

  volumeList: (context: CallContext, poolUuid: string): VolumeIdentity[] =>
    withPool(context, poolUuid, (pool, connection) => {
      const identity = poolIdentityOf(pool, connection);
      const array = new Out();
      const length = checked(connection, libvirt.virStoragePoolListAllVolumes(pool, array.buffer, 0));
      return drained(array.pointer, length, libvirt.virStorageVolFree, (volume) => unlessVanished(() => volumeIdentityOf(identity, volume, connection)));
    }),

  volumeByName: (context: CallContext, poolUuid: string, name: string): VolumeIdentity =>
    withPool(context, poolUuid, (pool, connection) => takenVolume(connection, poolIdentityOf(pool, connection), libvirt.virStorageVolLookupByName(pool, name))),

  volumeByPath({ connection }: CallContext, path: string): VolumeIdentity {
    const volume = checked(connection, libvirt.virStorageVolLookupByPath(connection, path));
    try {
      return volumeIdentityOf(taken(connection, libvirt.virStoragePoolLookupByVolume(volume)), volume, connection);
    } finally {
      libvirt.virStorageVolFree(volume);
    }
  },

  volumeCreate: (context: CallContext, poolUuid: string, xml: string, flags: number): VolumeIdentity =>
    withPool(context, poolUuid, (pool, connection) => takenVolume(connection, poolIdentityOf(pool, connection), libvirt.virStorageVolCreateXML(pool, xml, flags))),
  /** From another volume of the same pool. */
  volumeCopy: (context: CallContext, poolUuid: string, from: string, xml: string): VolumeIdentity =>
    withPool(context, poolUuid, (pool, connection) =>
      withVolume(context, poolUuid, from, (original) => takenVolume(connection, poolIdentityOf(pool, connection), libvirt.virStorageVolCreateXMLFrom(pool, xml, original, 0)))),

  volumeInfo: (context: CallContext, poolUuid: string, name: string): VolumeInfo =>
    withVolume(context, poolUuid, name, (volume, connection) => {
      const sizes = readStruct(STRUCTS.volumeInfo, (place) => checked(connection, libvirt.virStorageVolGetInfo(volume, place)));
      return { capacity: Number(sizes.capacity), allocation: Number(sizes.allocation), physical: physicalSize(volume) };
    }),
  volumeXml: (context: CallContext, poolUuid: string, name: string): string =>
    withVolume(context, poolUuid, name, (volume, connection) => checked(connection, libvirt.virStorageVolGetXMLDesc(volume, 0))),
  volumeResize: (context: CallContext, poolUuid: string, name: string, capacity: number): void => {
    withVolume(context, poolUuid, name, (volume, connection) => checked(connection, libvirt.virStorageVolResize(volume, capacity, 0)));
  },
  volumeDelete: (context: CallContext, poolUuid: string, name: string): void => {
    withVolume(context, poolUuid, name, (volume, connection) => checked(connection, libvirt.virStorageVolDelete(volume, 0)));
  },
};

const GET_PHYSICAL = 1;

function withPool<Result>({ connection }: CallContext, uuid: string, use: (pool: Pointer, connection: Pointer) => Result): Result {
  const pool = checked(connection, libvirt.virStoragePoolLookupByUUIDString(connection, uuid));
  try {
    return use(pool, connection);
  } finally {
    libvirt.virStoragePoolFree(pool);
  }
}

function actOnPool<Arguments extends readonly unknown[]>(perform: (pool: Pointer, ...given: Arguments) => number) {
  return (context: CallContext, uuid: string, ...given: Arguments): void => {
    withPool(context, uuid, (pool, connection) => checked(connection, perform(pool, ...given)));
  };
}

function taken(connection: Pointer, handle: Pointer | null): PoolIdentity {
  const pool = checked(connection, handle);
  try {
    return poolIdentityOf(pool, connection);
  } finally {
    libvirt.virStoragePoolFree(pool);
  }
}

function takenVolume(connection: Pointer, pool: PoolIdentity, handle: Pointer | null): VolumeIdentity {
  const volume = checked(connection, handle);
  try {
    return volumeIdentityOf(pool, volume, connection);
  } finally {
    libvirt.virStorageVolFree(volume);
  }
}

function poolIdentityOf(pool: Pointer, connection: Pointer): PoolIdentity {
  const name = checked(connection, libvirt.virStoragePoolGetName(pool));
  return { name, uuid: uuidText((place) => checked(connection, libvirt.virStoragePoolGetUUIDString(pool, place))) };
}

function poolInfoOf(pool: Pointer, connection: Pointer): PoolInfo {
  const persistent = checked(connection, libvirt.virStoragePoolIsPersistent(pool)) === 1;
  const autostart = new Out();
  // A transient pool has no autostart to ask for.
  if (persistent) checked(connection, libvirt.virStoragePoolGetAutostart(pool, autostart.buffer));
  const sizes = readStruct(STRUCTS.poolInfo, (place) =>
    checked(connection, libvirt.virStoragePoolGetInfo(pool, place)),
  );
  return {
    ...poolIdentityOf(pool, connection),
    active: checked(connection, libvirt.virStoragePoolIsActive(pool)) === 1,
    persistent,
    autostart: autostart.int === 1,
    capacity: Number(sizes.capacity),
    allocation: Number(sizes.allocation),
    available: Number(sizes.available),
  };
}

function volumeIdentityOf(pool: PoolIdentity, volume: Pointer, connection: Pointer): VolumeIdentity {
  const name = checked(connection, libvirt.virStorageVolGetName(volume));
  return { pool, name, path: checked(connection, libvirt.virStorageVolGetPath(volume)) };
}

/** Not every driver tells. */
function physicalSize(volume: Pointer): number | undefined {
  const place = Buffer.alloc(STRUCTS.volumeInfo.type.size);
  if (libvirt.virStorageVolGetInfoFlags(volume, place, GET_PHYSICAL) < 0) return undefined;
  return Number(structAt(place, STRUCTS.volumeInfo).allocation);
}
