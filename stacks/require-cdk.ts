import { requireCdk } from './cdk';
import { reportOnExit } from './report-on-exit';

// Imported before anything that needs the CDK, so that its absence is told in words.
try {
  requireCdk();
} catch (error) {
  reportOnExit(error);
  throw error;
}
