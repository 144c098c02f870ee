export { ImageStore, type PullOptions, type PulledImage, type StoredImage } from './image-store';
export { readProjectLock, writeProjectLock } from './project-lock';
export { type PullProgress, progressLine, secondsLeft } from './pull-progress';
export type { RootFile } from './root-image';
export { type StoredFile, damagedFiles, forgetVersions, removeStored, storedFiles, unusedFiles } from './store-content';
