export { clientOf } from './client-of';
export type { CheckHash, ClientContext, FoundImage, PublishedCheck, SourceClient } from './source-client';
