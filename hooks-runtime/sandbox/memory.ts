/** What a sandbox has in its memory. */
export interface Memory {
  /**
   * A dump of the guest's memory as an ELF core, as it is written by the hypervisor: the guest stands still while that goes on, and then goes on as
   * it was. What comes is as large as the memory, so it should be compressed or passed on.
   * @throws SandformError `SANDBOX_OFF`, `LIBVIRT_*`
   */
  dump(): AsyncIterable<Buffer>;
}
