import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { SandformError } from '../../../lib/errors';
import { HookReference, mistakesOf } from '../../../lib/spec';
import * as hooks from '../../../hooks-runtime/hooks';
import { isHookClass } from '../../../hooks-runtime/hooks/hook';

const { Screenshots, Timers, loadHook } = hooks;

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'sandform-hooks-'));
  put('package.json', JSON.stringify({ name: 'project', dependencies: { sandform: '*', 'lab-hooks': '*', '@team/hooks': '*', plain: '*' } }));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function put(path: string, content: string): string {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), content);
  return createHash('sha256').update(content).digest('hex');
}

/** A module that says so when it is run, and exports a hook of this copy of the package by its brand alone. */
const MODULE = `
globalThis.loaded = (globalThis.loaded ?? 0) + 1;
class Mine { constructor(config, options) { this.config = config; this.name = options.name; } attach() {} }
Mine[Symbol.for('sandform.hook')] = true;
Mine.config = { type: 'object', properties: { word: { type: 'string', default: 'hello' } }, additionalProperties: false };
module.exports = { Mine, notAHook: class {}, value: 3 };
`;
const loadedCount = () => (globalThis as { loaded?: number }).loaded ?? 0;

const fromFile = (file: string, digest: string, name = 'Mine'): HookReference => ({ name: 'mine', from: { file, digest, export: name }, config: {} });
const fromPackage = (specifier: string, name = 'Mine'): HookReference => ({ name: 'mine', from: { package: specifier, export: name }, config: {} });
const load = (reference: HookReference) => loadHook(reference, { projectFolder: project });
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return SandformError.is(error) ? error.code : `uncoded: ${String(error)}`;
  }
};

describe('a hook of this package', () => {
  it('is loaded by its export, with its defaults filled in', () => {
    const hook = load({ name: 'shots', from: { package: 'sandform/hooks', export: 'Screenshots' }, config: { every: '5s' }, deadline: 1500 });
    expect(hook).toBeInstanceOf(Screenshots);
    expect(hook).toMatchObject({ name: 'shots', config: { on: [], every: '5s' }, deadline: '1500ms' });
  });

  it('is loaded, whichever it is', () => {
    const names = Object.entries(hooks).filter(([name, value]) => isHookClass(value) && name !== 'Hook').map(([name]) => name);
    expect(names).toContain('NetworkTrace');
    // They may want a configuration, but they are there.
    expect(names.filter((name) => codeOf(() => load(fromPackage('sandform/hooks', name))) === 'HOOK_NOT_FOUND')).toEqual([]);
  });

  it('declares what a construct needs to name it', () => {
    expect(new Screenshots({ on: ['x'] })).toMatchObject({ name: 'screenshots', export: 'Screenshots', source: expect.stringMatching(/screenshots\.ts$/), needs: ['screen'], config: { on: ['x'] } });
    expect(new Timers({ timers: {} }, { name: 'mine', deadline: '5s' })).toMatchObject({ name: 'mine', deadline: '5s' });
  });

  it('is refused where its configuration does not fit, with every path', () => {
    const reference = { name: 'shots', from: { package: 'sandform/hooks', export: 'Screenshots' }, config: { every: 'soon', on: [1], colour: 'red' } };
    expect(() => load(reference)).toThrow(expect.objectContaining({ code: 'HOOK_CONFIG_INVALID', details: { mistakes: expect.arrayContaining([expect.objectContaining({ path: '/every' }), expect.objectContaining({ path: '/on/0' }), expect.objectContaining({ path: '/colour' })]) } }));
  });

  it('is refused where it is no hook', () => {
    for (const name of ['Hook', 'constructor', '__proto__', 'loadHook', 'toString']) expect(codeOf(() => load(fromPackage('sandform/hooks', name)))).toBe('HOOK_NOT_FOUND');
  });
});

describe('a hook of a package', () => {
  const install = (name: string, content: object = {}, at = '') => {
    put(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js', peerDependencies: { sandform: '*' }, ...content }));
    put(`node_modules/${name}/${at || 'index.js'}`, MODULE);
  };

  it('is loaded where the project depends on it and it is a package of hooks', () => {
    install('lab-hooks');
    install('@team/hooks');
    expect(load(fromPackage('lab-hooks'))).toMatchObject({ config: { word: 'hello' }, name: 'mine' });
    expect(load(fromPackage('@team/hooks'))).toMatchObject({ config: { word: 'hello' } });
  });

  it('is loaded from a path only if the package exports it', () => {
    install('lab-hooks', { exports: { './extra': './extra.js' } }, 'extra.js');
    expect(load(fromPackage('lab-hooks/extra'))).toMatchObject({ config: { word: 'hello' } });
    expect(codeOf(() => load(fromPackage('lab-hooks/index.js')))).toBe('HOOK_NOT_FOUND');
    install('@team/hooks', {}, 'tool.js');
    expect(codeOf(() => load(fromPackage('@team/hooks/tool.js')))).toBe('HOOK_NOT_FOUND');
  });

  it.each([
    ['that the project does not list', 'stranger', {}],
    ['that does not depend on sandform', 'plain', { peerDependencies: {} }],
  ])('%s is refused, and not a line of it runs', (_why, name, content) => {
    install(name, content);
    const before = loadedCount();
    expect(codeOf(() => load(fromPackage(name)))).toBe('HOOK_NOT_FOUND');
    expect(loadedCount()).toBe(before);
  });

  it.each(['fs', 'node:fs', 'sandform', 'sandform/runtime', 'lab-hooks/../plain', 'lab-hooks/..', '../project', '.', '/etc/passwd', 'lab-hooks//x', 'no-such'])('named %s is refused', (specifier) => {
    install('lab-hooks');
    expect(codeOf(() => load(fromPackage(specifier)))).toBe('HOOK_NOT_FOUND');
  });

  it('that throws when it is loaded fails with a code', () => {
    install('lab-hooks');
    put('node_modules/lab-hooks/index.js', 'throw new Error("broken")');
    expect(codeOf(() => load(fromPackage('lab-hooks')))).toBe('HOOK_FAILED');
  });
});

describe('a hook of a file', () => {
  it('is loaded while it is the file that was declared', () => {
    const digest = put('hooks/mine.js', MODULE);
    expect(load(fromFile('hooks/mine.js', digest))).toMatchObject({ config: { word: 'hello' } });
  });

  it('that was changed is refused with HOOK_CHANGED, and not a line of it runs', () => {
    const digest = put('hooks/mine.js', MODULE);
    put('hooks/mine.js', `${MODULE}\n// changed`);
    const before = loadedCount();
    expect(codeOf(() => load(fromFile('hooks/mine.js', digest)))).toBe('HOOK_CHANGED');
    expect(loadedCount()).toBe(before);
  });

  it('that lies in a package, is hidden, outside, reached by a link, no code, or not there is refused', () => {
    const digests = ['node_modules/x/a.js', '.hidden/a.js', 'a.txt', 'real.js'].map((path) => [path, put(path, MODULE)] as const);
    const outside = mkdtempSync(join(tmpdir(), 'sandform-outside-'));
    writeFileSync(join(outside, 'a.js'), MODULE);
    symlinkSync(outside, join(project, 'link'));
    symlinkSync(join(project, 'node_modules/x/a.js'), join(project, 'inner.js'));
    const digest = digests[0]![1];
    const before = loadedCount();
    for (const path of ['node_modules/x/a.js', '.hidden/a.js', 'a.txt', 'link/a.js', 'inner.js', 'no.js', '../a.js', '', '.']) expect([path, codeOf(() => load(fromFile(path, digest)))]).toEqual([path, 'HOOK_NOT_FOUND']);
    expect(loadedCount()).toBe(before);
    rmSync(outside, { recursive: true });
  });

  it('that exports no such hook is refused', () => {
    const digest = put('hooks/mine.js', MODULE);
    for (const name of ['Other', 'notAHook', 'value', 'constructor', '__proto__']) expect(codeOf(() => load(fromFile('hooks/mine.js', digest, name)))).toBe('HOOK_NOT_FOUND');
  });
});

it('never fails without a code, whatever a reference says', () => {
  const reference = fc.record({
    name: fc.string(),
    from: fc.oneof(
      fc.record({ package: fc.oneof(fc.string(), fc.constantFrom('sandform/hooks', 'lab-hooks', '@', '@/', 'a/b/c')), export: fc.string() }),
      fc.record({ file: fc.oneof(fc.string(), fc.constantFrom('package.json', 'a\u0000b', '..')), digest: fc.string(), export: fc.string() }),
    ),
    config: fc.dictionary(fc.string(), fc.jsonValue()),
  });
  fc.assert(fc.property(reference, (given) => expect(codeOf(() => load(given as HookReference))).toMatch(/^HOOK_/)));
});

it('the configuration of every hook is checked, never trusted', () => {
  for (const name of ['Timers', 'Commands', 'Screenshots', 'WaitForGuest']) {
    const { config } = load({ name: 'x', from: { package: 'sandform/hooks', export: name }, config: { Timers: { timers: {} }, Commands: { on: {} } }[name] ?? {} }).constructor as unknown as { config: typeof hooks.Hook.config };
    fc.assert(
      fc.property(fc.anything(), (given) => {
        const mistakes = mistakesOf(config, given);
        expect(Array.isArray(mistakes)).toBe(true);
      }),
    );
  }
});

it('HookReference itself refuses what could leave the project', () => {
  for (const file of ['/abs.js', '../up.js', 'a/../../b.js', 'a\\b.js', 'a\u0000.js']) expect(mistakesOf(HookReference, fromFile(file, 'a'.repeat(64)))).not.toEqual([]);
  expect(readFileSync(join(project, 'package.json'), 'utf8')).toContain('lab-hooks');
});
