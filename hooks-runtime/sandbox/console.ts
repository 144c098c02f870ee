/** What a sandbox's console prints: boot messages, and what its kernel and programs say there. Data from the guest. */
export interface Console {
  /**
   * What it printed since the machine was last switched on, also of one that is off again. libvirt's log daemon keeps the last
   * few mebibytes.
   * @param options `tail`: bytes from the end. @default 1 MiB
   * @throws SandformError `CONSOLE_UNAVAILABLE`, `LIBVIRT_*`
   */
  log(options?: { readonly tail?: number }): Promise<Buffer>;
  /** What it prints from now on, until the signal is aborted. */
  follow(options: { readonly signal: AbortSignal }): AsyncIterable<Buffer>;
}
