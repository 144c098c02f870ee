export { endProcess } from './end-process';
export { bootId, childrenOf, isAlive, nearestAncestor, parentOf, type ProcessIdentity, processIdentity, processesInside, programOf, runningProcesses, sessionOf } from './process-identity';
export { type ProcessDescription, registerProcess, registeredProcesses, type RegisteredProcess } from './process-registry';
export { registryFolder } from './registry-folder';
