import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Guest, type HookDeclaration, Sandbox, SandboxStack } from '../../index';
import { attributesFromXml } from '../../constructs/provider/attributes-from-xml';
import { Placeholders } from '../../constructs/provider/placeholders';
import { stylesheet } from '../../constructs/provider/stylesheet';
import { literals } from '../../constructs/provider/template';
import { childOf, childrenOf, element, parseXml, textOf } from '../../lib/domain-xml';
import { type Plan, companionCall, workbench } from './synthesized';

const bench = workbench();
const RUNS = 300;

/** What Terraform's templates, XSLT, XML, shells and the CDK would each make something else of. */
const snippets = ['${', '$${', '$$${', '%{', '%%{', '${x}', '%{ if true }', '$', '%', '{', '}', '{{', '}}', '"', "'", '\\', '\\u0041', '<', '>', '&', '&amp;', '&#10;', ']]>', '-->', '<!--', '<?x?>', '${TfToken[made-up]}', '#{TfToken[x]}', '&{TfToken[x]}', '`id`', '$(id)', '\n', '\t', 'é', '😀', '漢', '~', '#', '//', 'null', 'true'];
const hostile = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...snippets) }, { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 5 }) }), { maxLength: 8 }).map((parts) => parts.join('').normalize('NFC'));
/** The same without what XML can't carry. */
const hostileLine = hostile.map((text) => text.replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, ''));

describe('text of users', () => {
  it('is to Terraform what it was, as value and as key', () => {
    // JSON has no negative zero.
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((value) => value + 0);
    const values = fc.sample(fc.dictionary(hostile, fc.oneof(hostile, fc.array(hostile, { maxLength: 3 }), number, fc.constant(null), fc.boolean()), { maxKeys: 4 }), RUNS);
    const read = terraformRead(Object.fromEntries(values.map((value, index) => [`v${index}`, literals(value)]))) as Record<string, unknown>;
    values.forEach((value, index) => expect(read[`v${index}`]).toEqual({ ...value }));
  });

  it('is to libvirt what it was, through Terraform’s templates and attributes named after XML', () => {
    const texts = fc.sample(hostileLine, RUNS);
    const placeholders = new Placeholders();
    const document = element('domain', {}, ...texts.map((text) => element('x', { name: text, both: `${placeholders.hold('"{held}"')}${text}` })), element('metadata', {}, element('path', { path: placeholders.hold('"/a {b} & \\"<c>\\""') }, ...texts.map((text) => element('x', {}, text)))));
    const text = { type: 'string' };
    const { attributes, homeless } = attributesFromXml(document, { x: { nesting: 'list', attributes: { name: text, both: text } }, metadata: { nesting: 'single', attributes: { xml: text } } }, placeholders);
    expect(homeless).toEqual([]);
    const read = terraformRead(attributes) as { x: unknown; metadata: { xml: string } };
    expect(read.x).toEqual(texts.map((value) => ({ name: value, both: `{held}${value}` })));
    const path = parseXml(read.metadata.xml);
    expect(path?.attributes['path']).toBe('/a {b} & "<c>"');
    expect(childrenOf(path, 'x').map(textOf)).toEqual(texts);
  });

  it('is to libvirt what it was, through Terraform’s templates and XSLT', () => {
    const texts = fc.sample(hostileLine, RUNS);
    const placeholders = new Placeholders();
    const document = element('domain', { path: placeholders.hold('"/a {b} & \\"<c>\\""') }, ...texts.map((text) => element('x', { attribute: text, both: `${placeholders.hold('"{held}"')}${text}` }, text)), element('path', {}, placeholders.hold('"/a {b} & \\"<c>\\""')));
    const { xslt } = terraformRead({ xslt: stylesheet(document, placeholders) }) as { xslt: string };
    const root = parseXml(transformed(xslt));
    expect(root?.attributes['path']).toBe('/a {b} & "<c>"');
    expect(textOf(childOf(root, 'path'))).toBe('/a {b} & "<c>"');
    // What is white space only vanishes between elements, as everywhere in XSLT.
    expect(childrenOf(root, 'x').map(textOf)).toEqual(texts.map((text) => (/^\s*$/.test(text) ? '' : text)));
    expect(childrenOf(root, 'x').map(({ attributes }) => attributes)).toEqual(texts.map((text) => ({ attribute: text, both: `{held}${text}` })));
  });

  it('reaches the companion as it was: labels, owner, configuration of hooks', () => {
    const cases = fc.sample(fc.record({ label: hostile, owner: hostile.filter((text) => text !== ''), key: hostile.filter((text) => text !== '__proto__'), value: hostile }), 20);
    const plan = bench.synth((app) => {
      const stack = new SandboxStack(app, 'lab');
      cases.forEach(({ label, owner, key, value }, index) => {
        const hook: HookDeclaration = { source: __filename, export: 'Spy', config: { [key]: value }, configSchema: { type: 'object' }, needs: [] };
        new Sandbox(stack, `s${index}`, { guest: Guest.micro(), labels: { label }, owner, hooks: [hook] });
      });
    })['lab']!;
    const call = companionCall(plan, 'after', 'conduct/0').filter(({ action }) => action === 'conduct').map(({ conduct }) => conduct as Plan);
    const read = terraformRead({ call }) as { call: Plan[] };
    expect(read.call.map(({ labels, owner, hooks }) => [labels.label, owner, hooks[0].config] as unknown[])).toEqual(cases.map(({ label, owner, key, value }) => [label, owner, { [key]: value }]));
  });
});

/** What Terraform itself reads from values as they stand in a plan. */
function terraformRead(values: Record<string, unknown>): unknown {
  const folder = join(bench.folder, `terraform-${Object.keys(values).length}-${process.hrtime.bigint()}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ locals: { values }, output: { json: { value: '${jsonencode(local.values)}' } } }));
  const terraform = (...parts: string[]) => execFileSync(process.env['TERRAFORM_BINARY_NAME'] ?? 'terraform', parts, { cwd: folder, encoding: 'utf8', env: { ...process.env, CHECKPOINT_DISABLE: '1' }, maxBuffer: 2 ** 26 });
  terraform('apply', '-auto-approve', '-input=false', '-no-color');
  return JSON.parse(JSON.parse(terraform('output', '-json', 'json')) as string);
}

function transformed(xslt: string): string {
  const [sheet, input] = [bench.file('sheet.xslt', xslt), bench.file('input.xml', '<domain><name>x</name></domain>')];
  return execFileSync('xsltproc', ['--nonet', sheet, input], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}
