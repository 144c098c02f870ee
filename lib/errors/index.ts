export { ERRORS, type ErrorCode, type ErrorEntry, type ErrorKind } from './table';
export { SandformError, messageOf, type ErrorDocument, type ErrorFacts } from './sandform-error';
