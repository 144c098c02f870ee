/**
 * Every native function that Sandform calls, as data: its result, then its parameters.
 *
 * `pointer` is an address or a buffer, `string` a C string that stays the library's, `text` one that is ours and is freed
 * once it was copied. Source: libvirt's public headers (libvirt-host.h, libvirt-domain.h, libvirt-network.h,
 * libvirt-nwfilter.h, libvirt-storage.h, libvirt-stream.h, libvirt-event.h, libvirt-qemu.h, virterror.h), all of them
 * there since libvirt 5.6 unless marked.
 */
export const LIBVIRT = {
  virInitialize: ['int'],
  virGetLastError: ['pointer'],
  virSetErrorFunc: ['void', 'pointer', 'pointer'],
  virGetVersion: ['int', 'pointer', 'string', 'pointer'],
  virEventRegisterDefaultImpl: ['int'],
  virEventRunDefaultImpl: ['int'],
  virEventAddTimeout: ['int', 'int', 'pointer', 'pointer', 'pointer'],
  virEventRemoveTimeout: ['int', 'int'],

  virConnectOpen: ['pointer', 'string'],
  virConnectOpenReadOnly: ['pointer', 'string'],
  virConnectClose: ['int', 'pointer'],
  virConnectIsAlive: ['int', 'pointer'],
  virConnectSetKeepAlive: ['int', 'pointer', 'int', 'uint'],
  virConnectRegisterCloseCallback: ['int', 'pointer', 'pointer', 'pointer', 'pointer'],
  virConnectUnregisterCloseCallback: ['int', 'pointer', 'pointer'],
  virConnectDomainEventRegisterAny: ['int', 'pointer', 'pointer', 'int', 'pointer', 'pointer', 'pointer'],
  virConnectDomainEventDeregisterAny: ['int', 'pointer', 'int'],
  virConnectGetType: ['string', 'pointer'],
  virConnectGetURI: ['text', 'pointer'],
  virConnectGetHostname: ['text', 'pointer'],
  virConnectGetVersion: ['int', 'pointer', 'pointer'],
  virConnectGetLibVersion: ['int', 'pointer', 'pointer'],
  virConnectGetCapabilities: ['text', 'pointer'],
  virConnectGetDomainCapabilities: ['text', 'pointer', 'string', 'string', 'string', 'string', 'uint'],
  virNodeGetInfo: ['int', 'pointer', 'pointer'],

  virConnectListAllDomains: ['int', 'pointer', 'pointer', 'uint'],
  virDomainLookupByName: ['pointer', 'pointer', 'string'],
  virDomainLookupByUUIDString: ['pointer', 'pointer', 'string'],
  virDomainDefineXMLFlags: ['pointer', 'pointer', 'string', 'uint'],
  virDomainCreateXML: ['pointer', 'pointer', 'string', 'uint'],
  virDomainFree: ['int', 'pointer'],
  virDomainGetName: ['string', 'pointer'],
  virDomainGetUUIDString: ['int', 'pointer', 'pointer'],
  virDomainGetID: ['uint', 'pointer'],
  virDomainIsActive: ['int', 'pointer'],
  virDomainIsPersistent: ['int', 'pointer'],
  virDomainGetInfo: ['int', 'pointer', 'pointer'],
  virDomainGetState: ['int', 'pointer', 'pointer', 'pointer', 'uint'],
  virDomainGetXMLDesc: ['text', 'pointer', 'uint'],
  virDomainCreateWithFlags: ['int', 'pointer', 'uint'],
  virDomainDestroyFlags: ['int', 'pointer', 'uint'],
  virDomainShutdownFlags: ['int', 'pointer', 'uint'],
  virDomainReboot: ['int', 'pointer', 'uint'],
  virDomainReset: ['int', 'pointer', 'uint'],
  virDomainSuspend: ['int', 'pointer'],
  virDomainResume: ['int', 'pointer'],
  virDomainPMWakeup: ['int', 'pointer', 'uint'],
  virDomainPMSuspendForDuration: ['int', 'pointer', 'uint', 'u64', 'uint'],
  virDomainManagedSave: ['int', 'pointer', 'uint'],
  virDomainHasManagedSaveImage: ['int', 'pointer', 'uint'],
  virDomainManagedSaveRemove: ['int', 'pointer', 'uint'],
  virDomainSaveFlags: ['int', 'pointer', 'string', 'string', 'uint'],
  virDomainRestoreFlags: ['int', 'pointer', 'string', 'string', 'uint'],
  virDomainSaveImageGetXMLDesc: ['text', 'pointer', 'string', 'uint'],
  virDomainUndefineFlags: ['int', 'pointer', 'uint'],
  virDomainUndefine: ['int', 'pointer'],
  virDomainSetAutostart: ['int', 'pointer', 'int'],
  virDomainGetMetadata: ['text', 'pointer', 'int', 'string', 'uint'],
  virDomainSetMetadata: ['int', 'pointer', 'int', 'string', 'string', 'string', 'uint'],
  virDomainCoreDumpWithFormat: ['int', 'pointer', 'string', 'uint', 'uint'],
  virDomainOpenGraphicsFD: ['int', 'pointer', 'uint', 'uint'],
  virDomainScreenshot: ['text', 'pointer', 'pointer', 'uint', 'uint'],
  virDomainOpenChannel: ['int', 'pointer', 'string', 'pointer', 'uint'],
  virDomainOpenConsole: ['int', 'pointer', 'string', 'pointer', 'uint'],
  virDomainSendKey: ['int', 'pointer', 'uint', 'uint', 'pointer', 'int', 'uint'],
  virDomainInterfaceAddresses: ['int', 'pointer', 'pointer', 'uint', 'uint'],
  virDomainInterfaceFree: ['void', 'pointer'],
  virDomainUpdateDeviceFlags: ['int', 'pointer', 'string', 'uint'],
  virDomainAttachDeviceFlags: ['int', 'pointer', 'string', 'uint'],
  virDomainDetachDeviceFlags: ['int', 'pointer', 'string', 'uint'],
  virDomainGetBlockInfo: ['int', 'pointer', 'string', 'pointer', 'uint'],
  virDomainListAllSnapshots: ['int', 'pointer', 'pointer', 'uint'],
  virDomainSnapshotLookupByName: ['pointer', 'pointer', 'string', 'uint'],
  virDomainSnapshotCreateXML: ['pointer', 'pointer', 'string', 'uint'],
  virDomainSnapshotGetName: ['string', 'pointer'],
  virDomainSnapshotDelete: ['int', 'pointer', 'uint'],
  virDomainSnapshotFree: ['int', 'pointer'],

  virConnectListAllNetworks: ['int', 'pointer', 'pointer', 'uint'],
  virNetworkLookupByName: ['pointer', 'pointer', 'string'],
  virNetworkLookupByUUIDString: ['pointer', 'pointer', 'string'],
  virNetworkDefineXML: ['pointer', 'pointer', 'string'],
  virNetworkCreateXML: ['pointer', 'pointer', 'string'],
  virNetworkFree: ['int', 'pointer'],
  virNetworkGetName: ['string', 'pointer'],
  virNetworkGetUUIDString: ['int', 'pointer', 'pointer'],
  virNetworkIsActive: ['int', 'pointer'],
  virNetworkIsPersistent: ['int', 'pointer'],
  virNetworkGetAutostart: ['int', 'pointer', 'pointer'],
  virNetworkSetAutostart: ['int', 'pointer', 'int'],
  virNetworkGetXMLDesc: ['text', 'pointer', 'uint'],
  virNetworkGetBridgeName: ['text', 'pointer'],
  virNetworkCreate: ['int', 'pointer'],
  virNetworkUpdate: ['int', 'pointer', 'uint', 'uint', 'int', 'string', 'uint'],
  virNetworkDestroy: ['int', 'pointer'],
  virNetworkUndefine: ['int', 'pointer'],
  virNetworkGetDHCPLeases: ['int', 'pointer', 'string', 'pointer', 'uint'],
  virNetworkDHCPLeaseFree: ['void', 'pointer'],
  /** Since 9.7. */
  virNetworkGetMetadata: ['text', 'pointer', 'int', 'string', 'uint'],
  /** Since 9.7. */
  virNetworkSetMetadata: ['int', 'pointer', 'int', 'string', 'string', 'string', 'uint'],

  virConnectListAllNWFilters: ['int', 'pointer', 'pointer', 'uint'],
  virNWFilterLookupByName: ['pointer', 'pointer', 'string'],
  virNWFilterDefineXML: ['pointer', 'pointer', 'string'],
  virNWFilterUndefine: ['int', 'pointer'],
  virNWFilterGetName: ['string', 'pointer'],
  virNWFilterGetUUIDString: ['int', 'pointer', 'pointer'],
  virNWFilterGetXMLDesc: ['text', 'pointer', 'uint'],
  virNWFilterFree: ['int', 'pointer'],

  virConnectListAllStoragePools: ['int', 'pointer', 'pointer', 'uint'],
  virStoragePoolLookupByName: ['pointer', 'pointer', 'string'],
  virStoragePoolLookupByUUIDString: ['pointer', 'pointer', 'string'],
  virStoragePoolLookupByVolume: ['pointer', 'pointer'],
  virStoragePoolDefineXML: ['pointer', 'pointer', 'string', 'uint'],
  virStoragePoolFree: ['int', 'pointer'],
  virStoragePoolGetName: ['string', 'pointer'],
  virStoragePoolGetUUIDString: ['int', 'pointer', 'pointer'],
  virStoragePoolIsActive: ['int', 'pointer'],
  virStoragePoolIsPersistent: ['int', 'pointer'],
  virStoragePoolGetInfo: ['int', 'pointer', 'pointer'],
  virStoragePoolGetXMLDesc: ['text', 'pointer', 'uint'],
  virStoragePoolBuild: ['int', 'pointer', 'uint'],
  virStoragePoolCreate: ['int', 'pointer', 'uint'],
  virStoragePoolDestroy: ['int', 'pointer'],
  virStoragePoolDelete: ['int', 'pointer', 'uint'],
  virStoragePoolUndefine: ['int', 'pointer'],
  virStoragePoolRefresh: ['int', 'pointer', 'uint'],
  virStoragePoolGetAutostart: ['int', 'pointer', 'pointer'],
  virStoragePoolSetAutostart: ['int', 'pointer', 'int'],
  virStoragePoolListAllVolumes: ['int', 'pointer', 'pointer', 'uint'],
  virStorageVolLookupByName: ['pointer', 'pointer', 'string'],
  virStorageVolLookupByPath: ['pointer', 'pointer', 'string'],
  virStorageVolCreateXML: ['pointer', 'pointer', 'string', 'uint'],
  virStorageVolCreateXMLFrom: ['pointer', 'pointer', 'string', 'pointer', 'uint'],
  virStorageVolDelete: ['int', 'pointer', 'uint'],
  virStorageVolGetName: ['string', 'pointer'],
  virStorageVolGetPath: ['text', 'pointer'],
  virStorageVolGetXMLDesc: ['text', 'pointer', 'uint'],
  virStorageVolGetInfo: ['int', 'pointer', 'pointer'],
  virStorageVolGetInfoFlags: ['int', 'pointer', 'pointer', 'uint'],
  virStorageVolResize: ['int', 'pointer', 'u64', 'uint'],
  virStorageVolUpload: ['int', 'pointer', 'pointer', 'u64', 'u64', 'uint'],
  virStorageVolDownload: ['int', 'pointer', 'pointer', 'u64', 'u64', 'uint'],
  virStorageVolFree: ['int', 'pointer'],

  virStreamNew: ['pointer', 'pointer', 'uint'],
  virStreamSend: ['int', 'pointer', 'pointer', 'size'],
  virStreamSendHole: ['int', 'pointer', 'i64', 'uint'],
  virStreamRecv: ['int', 'pointer', 'pointer', 'size'],
  virStreamFinish: ['int', 'pointer'],
  virStreamAbort: ['int', 'pointer'],
  virStreamEventAddCallback: ['int', 'pointer', 'int', 'pointer', 'pointer', 'pointer'],
  virStreamEventUpdateCallback: ['int', 'pointer', 'int'],
  virStreamEventRemoveCallback: ['int', 'pointer'],
  virStreamFree: ['int', 'pointer'],
} as const satisfies SymbolTable;

export const LIBVIRT_QEMU = {
  virDomainQemuAgentCommand: ['text', 'pointer', 'string', 'int', 'uint'],
} as const satisfies SymbolTable;

/** libvirt's default event loop runs on GLib's default main context since libvirt 6.1. */
export const GLIB = {
  g_main_context_acquire: ['int', 'pointer'],
  g_main_context_release: ['void', 'pointer'],
  g_main_context_wakeup: ['void', 'pointer'],
  g_main_context_pending: ['int', 'pointer'],
} as const satisfies SymbolTable;

/** Source: posix_openpt(3), ptsname(3), ioctl(2), fcntl(2). */
export const LIBC = {
  unlockpt: ['int', 'int'],
  ptsname_r: ['int', 'int', 'pointer', 'size'],
  ioctl: ['int', 'int', 'size', 'pointer'],
  fcntl: ['int', 'int', 'int', 'int'],
} as const satisfies SymbolTable;

/** The C types that the table uses, and what they are in JavaScript. */
export interface NativeTypes {
  void: undefined;
  int: number;
  uint: number;
  size: number;
  i64: number | bigint;
  u64: number | bigint;
  pointer: bigint | null;
  string: string | null;
  text: string | null;
}

export type NativeType = keyof NativeTypes;
export type SymbolTable = Readonly<Record<string, readonly [NativeType, ...NativeType[]]>>;
