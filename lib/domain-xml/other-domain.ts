import { type DomainPart, diskPlaceholder } from '../spec';
import type { DomainXmlValues, HypervisorDomain } from './domain-xml';
import { type XmlElement, childrenOf, parseXml } from './xml-element';

/** Elements that every domain gets from its declaration, and no hypervisor brings along. */
export const COMMON_ELEMENTS: readonly string[] = ['name', 'uuid', 'metadata', 'memory', 'currentMemory', 'vcpu'];

/** A hypervisor that the declaration brought along, with its XML. Disks are where the host has them. */
export const otherDomain: HypervisorDomain = (domain, values) => {
  const root = withoutBlanks(parseXml(domain.other?.xml ?? ''));
  const placed = root === undefined ? undefined : withPaths(root, domain, values);
  return {
    type: placed?.attributes['type'] ?? '',
    settings: elementsOf(placed).filter(({ name }) => name !== 'devices' && !COMMON_ELEMENTS.includes(name)),
    devices: elementsOf(childrenOf(placed, 'devices')[0]),
  };
};

function elementsOf(parent: XmlElement | undefined): XmlElement[] {
  return (parent?.children ?? []).filter((child) => typeof child === 'object');
}

/** Without the white space between elements, by which people lay XML out. */
function withoutBlanks(root: XmlElement | undefined): XmlElement | undefined {
  if (root === undefined) return undefined;
  const isLaidOut = root.children.some((child) => typeof child === 'object');
  const children = root.children.flatMap((child): (XmlElement | string)[] => {
    if (typeof child === 'string') return isLaidOut && child.trim() === '' ? [] : [child];
    const kept = withoutBlanks(child);
    return kept === undefined ? [] : [kept];
  });
  return { ...root, children };
}

function withPaths(root: XmlElement, { disks }: DomainPart, values: DomainXmlValues): XmlElement {
  const paths = new Map(disks.map(({ name }) => [diskPlaceholder(name), name]));
  const placed = (text: string): string => {
    const disk = paths.get(text);
    return disk === undefined ? text : values.volumePath(disk);
  };
  const walk = (element: XmlElement): XmlElement => ({
    name: element.name,
    attributes: Object.fromEntries(Object.entries(element.attributes).map(([name, value]) => [name, placed(value)])),
    children: element.children.map((child) => (typeof child === 'string' ? child : walk(child))),
  });
  return walk(root);
}
