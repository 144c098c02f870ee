import { Hook, type HookContext, type Static, Type } from 'sandform/hooks';

const Config = Type.Object({
  /** Run once the guest answers. */
  command: Type.String({ default: 'uname -a' }),
});

/** Keeps what a command prints once the guest answers. */
export class {{Name}} extends Hook<Static<typeof Config>> {
  static override readonly config = Config;
  static override readonly source = __filename;

  override attach({ sandbox, events, record }: HookContext, { command }: Static<typeof Config>): void {
    events.on('guest_ready', async () => {
      const { stdout } = await sandbox.commands.run(command);
      await record.add('{{kebab}}', stdout);
    });
  }
}
