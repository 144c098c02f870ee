export { releaseDomain } from './release-domain';
