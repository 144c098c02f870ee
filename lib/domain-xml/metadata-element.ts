import { type XmlElement, element, renderXml, textOf } from './xml-element';

/** The text of a metadata element, found by its namespace: libvirt may rename the prefix. Undefined where there is none. */
export function metadataText(metadata: XmlElement | undefined, { uri }: { readonly uri: string }): string | undefined {
  const found = metadata?.children.find((child): child is XmlElement => typeof child === 'object' && Object.values(child.attributes).includes(uri));
  return found === undefined ? undefined : textOf(found);
}

/** A metadata element as libvirt wants it to be set: without namespace, which it adds itself. */
export function metadataXml({ element: name }: { readonly element: string }, text: string): string {
  return renderXml(element(name, {}, text));
}
