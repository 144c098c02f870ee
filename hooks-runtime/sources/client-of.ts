import type { ImageSource } from '../../lib/images';
import type { ClientContext, SourceClient } from './source-client';

/**
 * What talks to the place of a source. Each kind's library is loaded only where it is used.
 * @throws SandformError where credentials or settings that it needs can't be read
 */
export async function clientOf(source: ImageSource, context: ClientContext): Promise<SourceClient> {
  switch (source.kind) {
    case 'file':
      return new (await import('./file-source')).FileSourceClient(source, context);
    case 'http':
      return new (await import('./http-source')).HttpSourceClient(source, context);
    case 'pool':
      return (await import('./pool-source')).PoolSourceClient.open(source, context);
    case 'glance':
      return (await import('./glance-source')).GlanceSourceClient.open(source, context);
    case 's3':
      return (await import('./s3-source')).S3SourceClient.open(source, context);
    case 'oci':
      return (await import('./oci-source')).ociClient(source, context);
    case 'custom':
      return (await import('./custom-source')).customClient(source, context);
  }
}
