export { AD_HOC_VARIABLE, type AdHocDescription, type SeeDescription, isAdHocStack } from './description';
