export { examine, type ExamineOptions } from './examine';
export type { Finding } from './finding';
