export { type SandboxAddress, formatAddress, isName, parseAddress } from './address';
export { hypervisorUri, isRemoteUri } from './hypervisor-uri';
export { MARKER_SIZE, POOL, baseVolumeName, consoleLogName, domainOfFilter, filterName, filterUuid, macAddress, nameOnHost, stackClaimName, stackMarkerName, stackSettledName, volumeName } from './host-names';
export { type PoolVolume, type Reservation, appMark, poolVolumeOf, readyVolumeName, reservationName } from './pool-volumes';
