import type { Duplex } from 'node:stream';

/** A picture of a sandbox's screen. */
export interface Picture {
  /** What the hypervisor gave, by its first bytes: `image/png` or `image/x-portable-pixmap`. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** A connection to a display. */
export interface Display {
  /** `vnc` or `spice`. */
  readonly protocol: string;
  /** What comes is the hypervisor's, which a guest may have taken over. */
  readonly stream: Duplex;
}

export interface Screen {
  /**
   * The picture of the first screen.
   * @throws SandformError `SCREEN_UNAVAILABLE`, `SANDBOX_GONE`, `SANDBOX_OFF`
   */
  capture(): Promise<Picture>;
  /**
   * A connection to the display itself, over which a VNC or SPICE client speaks. Only where libvirt runs on this machine.
   * @throws SandformError `SCREEN_UNAVAILABLE`, `SANDBOX_OFF`
   */
  connect(): Promise<Display>;
}
