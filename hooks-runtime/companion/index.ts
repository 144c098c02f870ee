export { accompany, type CompanionOptions } from './companion';
