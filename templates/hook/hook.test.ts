import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { observe } from 'sandform/runtime';
import { fakeSandbox } from 'sandform/testing';
import { {{Name}} } from './{{kebab}}';

const runs = mkdtempSync(join(tmpdir(), '{{kebab}}-'));
afterAll(() => rmSync(runs, { recursive: true }));

test('keeps what the command prints', async () => {
  const sandbox = fakeSandbox({ answer: () => ({ stdout: 'Linux\n' }) });
  const { verdict, record, artifacts } = await observe(sandbox, { hooks: [new {{Name}}({ command: 'uname' })], command: 'true', runs });
  expect(verdict.outcome).toBe('passed');
  expect(readFileSync(join(record.folder, artifacts('{{kebab}}')[0]!.file), 'utf8')).toBe('Linux\n');
});

test('is attached with a configuration that fits its schema only', async () => {
  const hook = new {{Name}}({ command: 1 } as never);
  const { verdict } = await observe(fakeSandbox(), { hooks: [hook], command: 'true', runs });
  expect(verdict).toMatchObject({ outcome: 'failed', reasons: [{ code: 'HOOK_CONFIG_INVALID' }] });
});
