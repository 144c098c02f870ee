import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TSchema } from '@sinclair/typebox';
import type { ErrorObject, ValidateFunction } from 'ajv';

export type { ErrorObject, ValidateFunction };

/** Here the build puts what it compiled of the schemas that most processes need, a file each. */
const PRECOMPILED = join(__dirname, 'precompiled');
const validators = new WeakMap<TSchema, ValidateFunction>();

/** Checks a document against a schema, and fills in the schema's defaults. */
export function validatorOf(schema: TSchema): ValidateFunction {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const plain = plainSchema(schema);
  const validator = precompiled(plain) ?? compiled(plain);
  validators.set(schema, validator);
  return validator;
}

/** A schema's own JSON. One with an $id could be compiled only once in a process. */
export function plainSchema(schema: TSchema): TSchema {
  const { $id: _id, ...anonymous } = schema;
  return JSON.parse(JSON.stringify(anonymous)) as TSchema;
}

/** Of the whole schema, so that what was compiled of another is never taken for it. */
export function precompiledName(plain: TSchema): string {
  return `${createHash('sha256').update(JSON.stringify(plain)).digest('hex')}.js`;
}

function precompiled(plain: TSchema): ValidateFunction | undefined {
  const file = join(PRECOMPILED, precompiledName(plain));
  return existsSync(file) ? (createRequire(__filename)(file) as ValidateFunction) : undefined;
}

/** The compiler is loaded when it is needed: it takes longer than most of what a short process does. */
function compiled(plain: TSchema): ValidateFunction {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const compiler = require('./compiler') as typeof import('./compiler');
  return compiler.compiled(plain);
}
