import type { XmlOverride } from '../spec';
import { type XmlElement, childrenOf, textOf } from './xml-element';

/**
 * The overrides that turn one element into another: applied to `from`, they give `wanted`, but for the order among children of different
 * names, which libvirt does not look at. Text is taken without the blanks around it.
 */
export function xmlDifferences(from: XmlElement, wanted: XmlElement): XmlOverride[] {
  return differences(from, wanted, '/');
}

/** The overrides that make an element anew, whatever it was before. @param path of its first and only one of its name */
export function xmlReplacement(path: string, wanted: XmlElement): XmlOverride[] {
  return [{ path, value: null }, ...built(wanted, path)];
}

function differences(from: XmlElement, wanted: XmlElement, path: string): XmlOverride[] {
  const names = new Set([...elements(from), ...elements(wanted)].map(({ name }) => name));
  return [...attributeDifferences(from, wanted, path), ...textDifferences(from, wanted, path), ...[...names].flatMap((name) => childDifferences(childrenOf(from, name), childrenOf(wanted, name), below(path, name)))];
}

function attributeDifferences(from: XmlElement, wanted: XmlElement, path: string): XmlOverride[] {
  const gone = Object.keys(from.attributes).filter((name) => wanted.attributes[name] === undefined);
  const set = Object.entries(wanted.attributes).filter(([name, value]) => from.attributes[name] !== value);
  return [...gone.map((attribute) => ({ path, attribute, value: null })), ...set.map(([attribute, value]) => ({ path, attribute, value: line(value) }))];
}

/** Only leaves have text: setting it would remove what is below. */
function textDifferences(from: XmlElement, wanted: XmlElement, path: string): XmlOverride[] {
  const [before, after] = [from, wanted].map((one) => line(textOf(one)));
  if (before === after || elements(wanted).length > 0) return [];
  return [{ path, value: after ?? '' }];
}

/** The nth of a name becomes the nth; removed are the last ones first, so that the places of the others stay. */
function childDifferences(from: readonly XmlElement[], wanted: readonly XmlElement[], path: string): XmlOverride[] {
  const kept = wanted.slice(0, from.length).flatMap((child, index) => differences(from[index] ?? child, child, `${path}${place(index)}`));
  const gone = from.map((_, index) => index).slice(wanted.length).reverse().map((index): XmlOverride => ({ path: `${path}${place(index)}`, value: null }));
  const added = wanted.slice(from.length).flatMap((child, index) => built(child, `${path}${place(from.length + index)}`));
  return [...kept, ...gone, ...added];
}

function built(wanted: XmlElement, path: string): XmlOverride[] {
  const made = differences({ name: wanted.name, attributes: {}, children: [] }, wanted, path);
  // An element without anything in it comes to be by its empty text.
  return made.length > 0 ? made : [{ path, value: '' }];
}

function elements(parent: XmlElement): XmlElement[] {
  return parent.children.filter((child) => typeof child === 'object');
}

function below(path: string, name: string): string {
  return path === '/' ? name : `${path}/${name}`;
}

function place(index: number): string {
  return index === 0 ? '' : `[${index + 1}]`;
}

/** An override has no line breaks. */
function line(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
