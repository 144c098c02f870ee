export { type DomainXmlValues, domainElement, domainXml } from './domain-xml';
export { type NetworkForward, type NetworkXmlFacts, networkElement, networkXml } from './network-xml';
export { type ChannelFacts, type DiskFacts, type DisplayFacts, type DomainXmlFacts, type InterfaceFacts, readDomainXml } from './read-domain-xml';
export { type XmlAttributes, type XmlElement, childOf, childrenOf, element, parseXml, renderXml, textOf } from './xml-element';
