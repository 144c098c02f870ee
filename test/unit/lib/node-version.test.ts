import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { NODE_VERSIONS, nodeFit } from '../../../lib/node-version';
import { engines } from '../../../package.json';

const PACKAGE = join(__dirname, '../../..');

/** Runs a program under a Node that says to be an old one. */
function underOldNode(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const pretend = `data:text/javascript,${encodeURIComponent(`Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', pretend, ...args], { cwd: PACKAGE, encoding: 'utf8', timeout: 60_000 });
  return { status, output: `${stdout}${stderr}` };
}

describe('the version of Node', () => {
  it.each([
    ['20.20.2', 'old'],
    ['22.18.9', 'old'],
    ['22.19.0', 'fits'],
    ['24.1.0', 'fits'],
    ['25.0.0', 'new'],
  ])('%s: %s', (version, fit) => {
    expect(nodeFit(version)).toBe(fit);
  });

  it('is the one that the package asks for', () => {
    const [, from, below] = /^>=(\S+) <(\d+)$/.exec(engines.node) ?? [];
    expect(NODE_VERSIONS).toBe(`${from} to ${Number(below) - 1}`);
  });

  it('is refused in words where it is old, by the command line and by declarations', () => {
    for (const program of [['bin/sandform.js', 'ps'], ['-e', `const { App } = require('cdktf'); new (require('./dist').SandboxStack)(new App(), 'lab')`]]) {
      const { status, output } = underOldNode(...program);
      expect({ status, output }).toEqual({ status: 2, output: expect.stringMatching(new RegExp(`NODE_OLD[^]*given +Node 20\\.20\\.2[^]*expected +Node ${NODE_VERSIONS}\n[^]*fix `)) });
      expect(output).not.toMatch(/^ +at /m);
    }
  });

  it('is one of the findings of the doctor', () => {
    expect(underOldNode('bin/sandform.js', 'doctor').output).toMatch(/✗ node: [^]*fix: use Node 22\.19 to 24/);
  });
});
