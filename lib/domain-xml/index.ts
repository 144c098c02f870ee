export { type DomainXmlValues, domainElement, domainXml } from './domain-xml';
export { type FilterXmlFacts, closedFilterXml, filterXml } from './filter-xml';
export { type NetworkForward, type NetworkHost, type NetworkLink, type NetworkXmlFacts, networkElement, networkHostElement, networkXml } from './network-xml';
export { type ChannelFacts, type DiskFacts, type DisplayFacts, type DomainXmlFacts, type InterfaceFacts, readDomainXml } from './read-domain-xml';
export { metadataXml } from './metadata-element';
export { type HostSecurity, readHostSecurity } from './read-capabilities-xml';
export { type NetworkXmlReading, readNetworkXml } from './read-network-xml';
export { type PoolXmlFacts, type VolumeXmlFacts, readPoolXml, readVolumeXml } from './read-storage-xml';
export { type XmlAttributes, type XmlElement, childOf, childrenOf, element, parseXml, renderXml, textOf } from './xml-element';
