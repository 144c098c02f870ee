export { hardwareAccelerationWorks, type AccelerationFinding } from './accelerator';
export { resolveUri, toolEnvironment, toolchainFiles, type ToolEnvironment } from './environment';
export { GUESTS, buildGuest, packageFolder, type GuestBuildOptions } from './guest-build';
export { HostInstance, type HostInstanceCondition, type HostInstanceStatus, type HostUpOptions, type StepListener } from './host-instance';
export { findProgram } from './program';
export { sessionDaemon, sessionUri, startSession, stopSession, type SessionDaemon } from './session-daemon';
