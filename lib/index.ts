export * from './errors';
export * from './events';
export * from './hooks/hook-declaration';
export * from './isolation';
export * from './naming';
export * from './spec';
export { printable } from './text/printable';
export * from './units';
