export { ArtifactAdded, CommandEnded, CommandStarted, EventEntry, FailureEntry, HookAttached, HookDetached, JournalEntry, NoteEntry } from './journal-entry';
export { Owner, RECORD_VERSION, RunDocument, RunHost, Verdict } from './run-document';
export { ArtifactSummary, CommandSummary, HookSummary } from './summaries';
