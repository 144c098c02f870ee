import type { TSchema } from '@sinclair/typebox';
import Ajv, { type Options, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

// TypeBox writes the schemas, so nothing is gained by checking them.
const OPTIONS: Options = { allErrors: true, verbose: true, useDefaults: true, strict: true, allowUnionTypes: true, meta: false, validateSchema: false, code: { optimize: false } };

/** ajv, as this project uses it. @param code how it writes the functions that it compiles */
export function ajv(code: Options['code'] = {}): Ajv {
  const compiler = new Ajv({ ...OPTIONS, code: { ...OPTIONS.code, ...code } });
  addFormats(compiler);
  return compiler;
}

const compiler = ajv();

export function compiled(schema: TSchema): ValidateFunction {
  return compiler.compile(schema);
}
