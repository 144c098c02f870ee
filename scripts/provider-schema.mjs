/**
 * Prunes what `terraform providers schema -json` says of the libvirt provider to names, types and requiredness of the resources
 * that constructs emit: constructs/provider/schema/libvirt-GENERATION.json.
 *
 *   node scripts/provider-schema.mjs VERSION < schema.json > constructs/provider/schema/libvirt-0.9.json
 */
import { readFileSync } from 'node:fs';

const RESOURCES = ['libvirt_domain', 'libvirt_network', 'libvirt_volume'];

/** @param {any} schema all that Terraform says @param {string} version */
export function prunedSchema(schema, version) {
  const [address, provider] = Object.entries(schema.provider_schemas).find(([name]) => name.endsWith('/dmacvicar/libvirt'));
  return {
    origin: `\`terraform providers schema -json\` of ${address} ${version}, pruned to names, types and requiredness of what Sandform emits.`,
    provider: block(provider.provider.block),
    resources: Object.fromEntries(RESOURCES.map((type) => [type, block(provider.resource_schemas[type].block)])),
  };
}

function block({ attributes = {}, block_types: blocks = {} }) {
  return { ...named('attributes', attributes, attribute), ...named('blocks', blocks, nestedBlock) };
}

function nestedBlock({ nesting_mode: nesting, max_items: maxItems, min_items: minItems, block: inner }) {
  return { nesting, ...(maxItems ? { maxItems } : {}), ...(minItems ? { minItems } : {}), ...block(inner) };
}

function attribute({ type, nested_type: nested, required, optional }) {
  const traits = { ...(required ? { required } : {}), ...(required || optional ? {} : { readOnly: true }) };
  return nested === undefined ? { type, ...traits } : { nesting: nested.nesting_mode, ...named('attributes', nested.attributes ?? {}, attribute), ...traits };
}

function named(key, items, pruned) {
  const entries = Object.entries(items).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return entries.length === 0 ? {} : { [key]: Object.fromEntries(entries.map(([name, item]) => [name, pruned(item)])) };
}

/** A line for each thing at the upper levels, so that a change of the schema shows as one. */
function lines(value, levels, indent = '') {
  if (levels === 0 || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  const inner = `${indent} `;
  const entries = Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${lines(item, levels - 1, inner)}`);
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(`${lines(prunedSchema(JSON.parse(readFileSync(0, 'utf8')), process.argv[2]), 4)}\n`);
}
