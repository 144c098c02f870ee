export { ERRORS, type ErrorCode, type ErrorEntry, type ErrorKind } from './table';
export { errorsDocument } from './document';
export { SandformError, messageOf, type ErrorDocument, type ErrorFacts } from './sandform-error';
