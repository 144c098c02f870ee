/**
 * What schemas are written with, and what checks documents against them. The only room that imports these packages. The build makes one file of it, since
 * looking for the packages' 263 files was half of what each start of the command line took, and puts beside it what it compiled of our own schemas.
 */
export { type Static, type TSchema, Type } from '@sinclair/typebox';
// TypeScript names these in the declarations of what is made of schemas.
export type { TAny, TArray, TBoolean, TInteger, TIntersect, TLiteral, TNull, TNumber, TObject, TOptional, TReadonly, TRecord, TString, TTuple, TUnion, TUnknown, TUnsafe } from '@sinclair/typebox';
export { type ErrorObject, type ValidateFunction, validatorOf } from './validator';
