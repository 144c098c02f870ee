export { AD_HOC_VARIABLE, type AdHocDescription, isAdHocStack } from './description';
