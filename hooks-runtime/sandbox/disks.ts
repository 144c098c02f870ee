/** The disks of a sandbox, as they are at a moment. */
export interface Disks {
  /**
   * What the guest has written to a disk: a qcow2 file over the disk's image, which it names as its backing file, or over nothing for a blank disk.
   * The guest stands still while it is read, and then goes on; one that is paused or off stays so.
   * @param name of the disk. @default 'root'
   * @throws SandformError `LIBVIRT_NOT_FOUND`, `LIBVIRT_*`
   */
  layer(name?: string): AsyncIterable<Buffer>;
}
