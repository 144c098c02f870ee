import koffi, { type TypeObject } from 'koffi';

/** A native struct that reads as `Shape`. */
export interface Struct<Shape> {
  readonly type: TypeObject;
  /** Never there; ties the shape to the type. */
  readonly shape?: Shape;
}

/** A 64-bit number: a bigint only where it is too large for a number. */
type Long = number | bigint;

/** The public structs of libvirt that are read. Source: the headers named in symbols.ts. */
export const STRUCTS = {
  /** The beginning of virError; what follows is deprecated or of no use here. */
  error: struct<{ code: number; domain: number; message: string | null }>({ code: 'int', domain: 'int', message: 'str' }),

  /** virDomainInfo */
  domainInfo: struct<{ state: number; maxMem: Long; memory: Long; nrVirtCpu: number; cpuTime: Long }>({
    state: 'uchar',
    maxMem: 'ulong',
    memory: 'ulong',
    nrVirtCpu: 'ushort',
    cpuTime: 'ulonglong',
  }),

  /** virDomainBlockInfo */
  blockInfo: struct<{ capacity: Long; allocation: Long; physical: Long }>({ capacity: 'ulonglong', allocation: 'ulonglong', physical: 'ulonglong' }),

  /** virDomainInterface */
  interface: struct<{ name: string | null; hwaddr: string | null; naddrs: number; addrs: bigint | null }>({ name: 'str', hwaddr: 'str', naddrs: 'uint', addrs: 'void *' }),

  /** virDomainIPAddress */
  address: struct<{ type: number; addr: string | null; prefix: number }>({ type: 'int', addr: 'str', prefix: 'uint' }),

  /** virNetworkDHCPLease */
  lease: struct<{
    iface: string | null;
    expirytime: Long;
    type: number;
    mac: string | null;
    iaid: string | null;
    ipaddr: string | null;
    prefix: number;
    hostname: string | null;
    clientid: string | null;
  }>({ iface: 'str', expirytime: 'longlong', type: 'int', mac: 'str', iaid: 'str', ipaddr: 'str', prefix: 'uint', hostname: 'str', clientid: 'str' }),

  /** virStoragePoolInfo */
  poolInfo: struct<{ state: number; capacity: Long; allocation: Long; available: Long }>({ state: 'int', capacity: 'ulonglong', allocation: 'ulonglong', available: 'ulonglong' }),

  /** virStorageVolInfo */
  volumeInfo: struct<{ type: number; capacity: Long; allocation: Long }>({ type: 'int', capacity: 'ulonglong', allocation: 'ulonglong' }),

  /** virNodeInfo */
  nodeInfo: struct<{ model: string; memory: Long; cpus: number; mhz: number; nodes: number; sockets: number; cores: number; threads: number }>({
    model: koffi.array('char', 32, 'String'),
    memory: 'ulong',
    cpus: 'uint',
    mhz: 'uint',
    nodes: 'uint',
    sockets: 'uint',
    cores: 'uint',
    threads: 'uint',
  }),
};

/** Anonymous, see library.ts. */
function struct<Shape>(members: Record<keyof Shape & string, string | TypeObject>): Struct<Shape> {
  return { type: koffi.struct(members) };
}
