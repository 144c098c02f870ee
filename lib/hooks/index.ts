export type { HookDeclaration, HookNeed } from './hook-declaration';
