export { type SandboxAddress, formatAddress, isName, parseAddress } from './address';
export { hypervisorUri, isDriverOf } from './hypervisor-uri';
export { MARKER_SIZE, POOL, baseVolumeName, consoleLogName, domainOfFilter, filterName, filterUuid, macAddress, nameOnHost, stackClaimName, stackMarkerName, stackSettledName, volumeName } from './host-names';
export { type LibvirtUri, isAmbiguousSession, libvirtUri } from './libvirt-uri';
export { type PoolVolume, type Reservation, appMark, driverVolumeName, memoryDumpName, poolVolumeOf, readyVolumeName, reservationName } from './pool-volumes';
