import type { XmlOverride } from '../spec';
import { type XmlElement, childrenOf, element } from './xml-element';

/** An element with raw changes made in their order, if there are any; the element given stays as it is. */
export function withOverrides(root: XmlElement, overrides: readonly XmlOverride[]): XmlElement {
  if (overrides.length === 0) return root;
  const changed = structuredClone(root);
  for (const override of overrides) apply(changed, override);
  return changed;
}

function apply(root: XmlElement, { path, attribute, value }: XmlOverride): void {
  const steps = path === '/' ? [] : path.split('/').map(step);
  if (value === null) {
    remove(root, steps, attribute);
    return;
  }
  const target = steps.reduce((parent, { name, index }) => childrenOf(parent, name)[index] ?? added(parent, name), root);
  if (attribute === undefined) target.children.splice(0, Infinity, value);
  else target.attributes[attribute] = value;
}

function remove(root: XmlElement, steps: readonly Step[], attribute: string | undefined): void {
  let parent: XmlElement | undefined;
  let target: XmlElement | undefined = root;
  for (const { name, index } of steps) {
    parent = target;
    target = childrenOf(parent, name)[index];
    if (target === undefined) return;
  }
  if (attribute !== undefined) Reflect.deleteProperty(target.attributes, attribute);
  else parent?.children.splice(parent.children.indexOf(target), 1);
}

interface Step {
  readonly name: string;
  /** Counted from 0. */
  readonly index: number;
}

function step(text: string): Step {
  const [, name = text, index = '1'] = /^(.*?)(?:\[(\d+)\])?$/.exec(text) ?? [];
  return { name, index: Number(index) - 1 };
}

function added(parent: XmlElement, name: string): XmlElement {
  const child = element(name);
  parent.children.push(child);
  return child;
}
