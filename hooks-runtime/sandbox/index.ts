export type {
  Command,
  CommandEnd,
  CommandOptions,
  CommandResult,
  Commands,
  DownloadOptions,
  DownloadSummary,
  FileOptions,
  Files,
  GuestFileEntry,
  GuestFileStat,
  GuestFileType,
  PortOptions,
  Ports,
  ReadOptions,
  RunningCommand,
  StartOptions,
  Terminal,
  WriteOptions,
} from '../guest';
export { type AttachOptions, type TerminalStreams, attachTerminal } from '../guest';
export type { Console } from './console';
export { connect, type ConnectOptions } from './connect';
export type { Disks } from './disks';
export type { GuestInterface } from './guest-interfaces';
export type { GuestAddress } from './guest-addresses';
export type { Memory } from './memory';
export type { GuestAnswer, Sandbox, SandboxHost, WaitForGuestOptions } from './sandbox';
export { sandboxView } from './sandbox-view';
export type { Display, Picture, Screen } from './screen';
