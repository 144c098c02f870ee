export { ImageIndexEntry, cacheFolder, imageIndexFile } from './image-index';
export { MOST_OCI_DOCUMENT, OCI_INDEX_TYPE, OCI_NAME, OciIndex, OciManifest } from './oci-documents';
export { RootIndexEntry, type TreeThing, rootIndexFile, treeLine } from './root-index';
