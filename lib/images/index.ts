export { type Compression, DiskFormat, type DiskHeader, HEADER_LENGTH, compressionOf, diskHeader, looksLikePage } from './disk-format';
export { ImageFile, ImageIndexEntry, type ImageOrigin, type SourceOrigin, cacheFolder, imageIndexFile, storedBlobFile, storedDiskNote } from './image-index';
export { DISK_RECIPE, IMAGE_ENVIRONMENT, IMAGE_LOCK_FILE, IMAGE_LOCK_VERSION, ImageLock, PinnedImage, type SourceVersion, convertedDigest, imageLockText } from './image-lock';
export {
  CustomSource,
  FileSource,
  GlanceSource,
  HttpSource,
  ImageSource,
  type ImageSourceKind,
  NamedSource,
  OciSource,
  PoolSource,
  S3Source,
  describeSource,
  sourceDigest,
} from './image-source';
export { MOST_OCI_DOCUMENT, OCI_INDEX_TYPE, OCI_NAME, OciIndex, OciManifest } from './oci-documents';
export { type RootMistake, rootMistake, tarballInPlaceOfDisk } from './root-format';
export { RootIndexEntry, type RootOrigin, type TreeThing, rootIndexFile, treeLine } from './root-index';
export { wholeZstd } from './zstd-frames';
export { CustomImageSource, type PublishedBytes, type PublishedImage, type ReadOptions, type SourceContext } from './source-class';
