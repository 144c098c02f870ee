export { type DeclaredHook, type DiskDeclaration, type ImageDeclaration, type MountDeclaration, type NetworkDeclaration, type SeeContainer, type SeeDeclaration, type SeeMachine, type SeeVirtualBox, mountSource } from './declaration';
export { seeKeysTable } from './document';
export type { SeeFiles } from './files';
export { type ImageLogin, loginEnvironment } from './image-login';
export { SEE_KEYS, type SeeKey } from './keys';
export type { SeeNote } from './reading';
export { ownNetworkProps, stackSource } from './stack-source';
export { type SeeConfiguration, type TranslateOptions, type Translation, translateSee } from './translate';
