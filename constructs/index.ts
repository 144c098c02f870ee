export type { CloudInit } from './cloud-init';
export type { DiskProps } from './disk';
export { Guest, type GuestFacts, type GuestProps } from './guest';
export type { AddHookOptions } from './hook-reference';
export { Image, type ImageOptions } from './image';
export { Labels } from './labels';
export { Mistakes, type Rule } from './mistakes';
export { Sandbox, type SandboxProps } from './sandbox';
export { type ISandboxNetwork, SandboxNetwork, type SandboxNetworkProps } from './sandbox-network';
