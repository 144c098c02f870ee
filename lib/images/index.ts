export { ImageIndexEntry, cacheFolder, imageIndexFile } from './image-index';
