import { parseXml } from './parse-xml';

/** The text of a metadata element that libvirt gave; undefined where it is no such element. */
export function metadataText(xml: string, element: string): string | undefined {
  const { name, root } = parseXml(xml) ?? {};
  return name?.split(':').at(-1) === element ? root?.text : undefined;
}

/**
 * The text of a metadata element within a network's whole description: older libvirt gives it no other way.
 * Undefined where the network has none of this namespace.
 */
export function networkMetadata(xml: string, { uri, element }: { readonly uri: string; readonly element: string }): string | undefined {
  const { root } = parseXml(xml) ?? {};
  const found = root?.first('metadata')?.children().find(([name, child]) => {
    const [prefix, local] = name.includes(':') ? name.split(':') : [undefined, name];
    return local === element && child.attribute(prefix === undefined ? 'xmlns' : `xmlns:${prefix}`) === uri;
  });
  return found?.[1].text;
}

/** A metadata element that holds text, without a prefix: libvirt adds that itself. */
export function metadataElement(element: string, text: string): string {
  return `<${element}>${text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)}</${element}>`;
}
