export type { DeclaredHook, DiskDeclaration, ImageDeclaration, NetworkDeclaration, SeeDeclaration } from './declaration';
export { seeKeysTable } from './document';
export type { SeeFiles } from './files';
export { SEE_KEYS, type SeeKey } from './keys';
export type { SeeNote } from './reading';
export { ownNetworkProps, stackSource } from './stack-source';
export { type SeeConfiguration, type TranslateOptions, type Translation, translateSee } from './translate';
