import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CompanionCall, CompanionMoment } from '../../../lib/companion';
import { ImageLock } from '../../../lib/images';
import { JournalEntry, RunDocument } from '../../../lib/record';
import type { TSchema, ValidateFunction } from '../../../lib/schema';
import { ajv } from '../../../lib/schema/compiler';
import { plainSchema, precompiledName } from '../../../lib/schema/validator';
import { Conduct, DeployedIdentity, DomainPart, NetworkIdentity } from '../../../lib/spec';

const FOLDER = resolve(__dirname, '../../../dist/lib/schema/precompiled');

describe.each<[string, TSchema]>(Object.entries({ CompanionCall, CompanionMoment, Conduct, DeployedIdentity, DomainPart, ImageLock, JournalEntry, NetworkIdentity, RunDocument }))('what the build compiled of %s', (_, schema) => {
  const plain = plainSchema(schema);
  const file = join(FOLDER, precompiledName(plain));
  const compiled = ajv().compile(plain);

  it('is there for the schema as it is now', () => {
    expect(existsSync(file)).toBe(true);
  });

  it.each([[undefined], ['create'], [{}], [[]], [[{ action: 'pool', schemaVersion: 1 }]], [{ hooks: [{}], labels: { a: 1 }, ttl: -1 }], [{ identity: { app: '' }, domain: { hypervisor: 'qemu', nics: [{}] } }]])('finds in %j what is found by compiling it here', (document) => {
    const [here, built] = [compiled, jest.requireActual<ValidateFunction>(file)].map((validate) => {
      const copy = structuredClone(document);
      return { fits: validate(copy), errors: validate.errors, withDefaults: copy };
    });
    expect(built).toEqual(here);
  });
});
