/**
 * What schemas are written with, and what checks documents against them. The only room that imports these packages. The build makes one file of it, since
 * looking for the packages' 263 files was half of what each start of the command line took, and puts into it what it compiled of our own schemas.
 */
// The second line is what declarations of schemas are written down with.
export { type Static, type TSchema, Type } from '@sinclair/typebox';
export type { TArray, TBoolean, TInteger, TLiteral, TNull, TNumber, TObject, TOptional, TRecord, TString, TUnion, TUnknown, TUnsafe } from '@sinclair/typebox';
export { type ErrorObject, type ValidateFunction, validatorOf } from './validator';
