import { readDomainXml } from '../../lib/domain-xml';
import { type RunsOn, mustOffer } from '../../lib/capabilities';
import { SandformError } from '../../lib/errors';
import type { Domain } from '../libvirt';
import type { Display, Picture, Screen } from './screen';

/** More than any screen of a sandbox shows: 64 MiB are 4096 by 4096 points in 32 bits. */
const LARGEST = 64 * 2 ** 20;
const FORMATS: readonly (readonly [type: string, magic: string])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/x-portable-pixmap', 'P6'],
];

/** The first screen of a libvirt domain. */
export class DomainScreen implements Screen {
  constructor(
    private readonly address: string,
    private readonly domain: Domain,
    private readonly on: RunsOn,
  ) {}

  async capture(): Promise<Picture> {
    const doing = `${this.address}: taking a picture of its screen`;
    const { data } = await this.shown(doing, () => this.domain.screenshot());
    const type = FORMATS.find(([, magic]) => data.subarray(0, magic.length).equals(Buffer.from(magic, 'latin1')))?.[0];
    if (type === undefined || data.length > LARGEST) {
      throw new SandformError('SCREEN_UNAVAILABLE', { doing, given: `${data.length} bytes that are no PNG or PPM picture of at most ${LARGEST} bytes` });
    }
    return { type, bytes: data };
  }

  async connect(): Promise<Display> {
    const doing = `${this.address}: connecting to its display`;
    mustOffer(this.on, 'screen', doing);
    const protocol = readDomainXml(await this.domain.xml())?.display?.type;
    if (protocol === undefined) throw new SandformError('SCREEN_UNAVAILABLE', { doing, given: 'a sandbox without a display', fix: 'deploy it with display: true' });
    return { protocol, stream: await this.shown(doing, () => this.domain.openGraphics()) };
  }

  /** What the display gave, or why it gives nothing. */
  private async shown<T>(doing: string, ask: () => Promise<T>): Promise<T> {
    mustOffer(this.on, 'screen', doing);
    try {
      return await ask();
    } catch (error) {
      const failure = SandformError.from(error, doing);
      const { state, reason } = await this.domain.state();
      if (state === 'shutoff') throw new SandformError('SANDBOX_OFF', { doing, given: `${state} (${reason})`, cause: failure });
      if (failure.code === 'LIBVIRT_LOST' || failure.code === 'LIBVIRT_TIMEOUT') throw failure;
      throw new SandformError('SCREEN_UNAVAILABLE', { doing, given: failure.given, cause: failure, ...(failure.code === 'LIBVIRT_UNSUPPORTED' ? { fix: failure.fix } : {}) });
    }
  }
}
