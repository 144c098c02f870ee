export { type SandboxAddress, formatAddress, isName, parseAddress } from './address';
export { POOL, baseVolumeName, macAddress, nameOnHost, volumeName } from './host-names';
