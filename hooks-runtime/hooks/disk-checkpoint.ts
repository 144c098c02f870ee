import { type Static, Type } from '../../lib/schema';
import { eventName } from './config-types';
import { Hook } from './hook';
import type { HookContext } from './hook-context';

const Config = Type.Object(
  {
    on: Type.Array(eventName(), { minItems: 1, description: 'events on which to keep the disk' }),
    disk: Type.String({ minLength: 1, default: 'root', description: 'name of the disk' }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;

/** Copying a disk takes its time, milliseconds. */
const DEADLINE = 15 * 60_000;

/**
 * Keeps what the guest has written to its disk, on chosen events: a qcow2 file over the image that the sandbox was made from. Fires
 * `disk_checkpoint_taken`, with the digest of that image. The guest stands still meanwhile.
 *
 * What the guest itself still holds in memory is not on the disk: after a shutdown it all is. To look into such a file, name the image as its backing file:
 * `qemu-img rebase -u -F qcow2 -b IMAGE FILE`.
 */
export class DiskCheckpoint extends Hook<Config, Partial<Config> & Pick<Config, 'on'>> {
  static override readonly source = __filename;
  static override readonly config = Config;
  static override readonly needs = ['disk'] as const;

  override attach({ sandbox, events, record }: HookContext, { on, disk }: Config): void {
    const image = sandbox.spec.domain.disks.find(({ name }) => name === disk)?.image?.digest;
    for (const name of new Set(on)) {
      events.on(
        name,
        async ({ name: reason }) => {
          const { file } = await record.keep('disk', sandbox.disks.layer(disk), { type: 'application/x-qemu-disk', reason });
          await events.emit('disk_checkpoint_taken', { artifact: file, reason, ...(image === undefined ? {} : { image }) });
        },
        { deadline: DEADLINE },
      );
    }
  }
}
