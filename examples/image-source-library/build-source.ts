import { type PublishedBytes, type PublishedImage, CustomImageSource, type ReadOptions, type SourceContext } from 'sandform';

export interface BuildSourceConfig {
  /** Folder of a build server that has a `latest.json`: `{ "file": "disk-42.qcow2", "size": 1234, "sha256": "..." }`. */
  readonly url: string;
}

interface Latest {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

/** The newest disk of a build server. What a team would publish as an npm package. */
export class BuildSource extends CustomImageSource<BuildSourceConfig> {
  static override readonly source = __filename;

  override async resolve({ signal }: SourceContext): Promise<PublishedImage> {
    const answer = await fetch(`${this.config.url}/latest.json`, { signal });
    if (!answer.ok) throw new Error(`the build server answered ${answer.status}`);
    const { file, size, sha256 } = (await answer.json()) as Latest;
    return { version: { file }, size, digest: sha256 };
  }

  /** A build is never changed, so its file's name is its version, and reading can go on in the middle. */
  override async read({ file = '' }: PublishedImage['version'], { offset, signal }: ReadOptions): Promise<PublishedBytes | undefined> {
    const answer = await fetch(`${this.config.url}/${encodeURIComponent(file)}`, { signal, headers: { range: `bytes=${offset}-` } });
    if (answer.status === 404) return undefined;
    if (!answer.ok || answer.body === null) throw new Error(`the build server answered ${answer.status}`);
    return { offset: answer.status === 206 ? offset : 0, bytes: answer.body };
  }
}
