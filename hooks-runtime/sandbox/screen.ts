/** A picture of a sandbox's screen. */
export interface Picture {
  /** What the hypervisor gave, by its first bytes: `image/png` or `image/x-portable-pixmap`. */
  readonly type: string;
  readonly bytes: Buffer;
}

export interface Screen {
  /**
   * The picture of the first screen.
   * @throws SandformError `SCREEN_UNAVAILABLE`, `SANDBOX_GONE`, `SANDBOX_OFF`
   */
  capture(): Promise<Picture>;
}
