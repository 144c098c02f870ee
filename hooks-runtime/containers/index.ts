export { askToEnd } from './ask-to-end';
export { type ContainerOptions, type ContainerRequest, containerFolders, makeContainer, mountContainer, removeContainer, removeContainerFolders } from './container';
export { ContainerFolders } from './container-folders';
export { containerProcess, type ContainerProcess } from './container-process';
export { LocalDaemon } from './local-daemon';
export { type SharedFolders, listSharedFolders, makeSharedFolders, removeSharedFolders } from './shared-folders';
export { unusedRoots } from './overlay';
export { removeAbandoned } from './unpacked-root';
