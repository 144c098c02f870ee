export { type DomainFacts, domainFactsOf } from './domain-facts';
export { type HostSecurity, hostSecurityOf } from './host-security';
export { metadataElement, metadataText, networkMetadata } from './metadata-text';
export { type NetworkFacts, networkFactsOf } from './network-facts';
export { type PoolFacts, poolFactsOf } from './pool-facts';
export { type VolumeFacts, volumeFactsOf } from './volume-facts';
