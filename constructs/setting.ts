import type { IConstruct } from 'constructs';

/** A setting that a prop, the app's context or the environment may give. */
export interface Setting {
  /** Name of the prop, e.g. `accelerator`; the context is `sandform:accelerator`, the variable SANDFORM_ACCELERATOR. */
  readonly name: string;
  readonly prop: unknown;
  readonly otherwise: unknown;
}

/** The value that holds, and where it was set: the prop, else the context, else the environment, else the default. */
export function settingOf(construct: IConstruct, { name, prop, otherwise }: Setting): { readonly where: string; readonly given: unknown } {
  const variable = `SANDFORM_${name.toUpperCase()}`;
  const sources = [
    { where: name, given: prop },
    { where: `context sandform:${name}`, given: construct.node.tryGetContext(`sandform:${name}`) as unknown },
    // An empty variable is as good as none.
    { where: `environment variable ${variable}`, given: process.env[variable] || undefined },
  ];
  return sources.find(({ given }) => given !== undefined) ?? { where: name, given: otherwise };
}
