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
  ReadOptions,
  RunningCommand,
  StartOptions,
  Terminal,
  WriteOptions,
} from '../guest';
export { type AttachOptions, type TerminalStreams, attachTerminal } from '../guest';
export { connect, type ConnectOptions } from './connect';
export type { GuestAnswer, Sandbox, SandboxHost, WaitForGuestOptions } from './sandbox';
export type { Picture, Screen } from './screen';
