export type { Command, CommandEnd, CommandOptions, CommandResult, Commands, RunningCommand, StartOptions, Terminal } from './commands';
export type { DownloadOptions, DownloadSummary, FileOptions, Files, GuestFileEntry, GuestFileStat, GuestFileType, ReadOptions, WriteOptions } from './files';
export type { GuestChannel, GuestPorts } from './guest-channel';
export type { PortOptions, Ports } from './ports';
export { openGuestChannel } from './open-channel';
export { type FileTask, type GuestFileSystem, TreeFiles } from './tree-files';
export { type FileFailure, fileError } from './file-error';
export { type AttachOptions, type TerminalStreams, attachTerminal } from './terminal';
