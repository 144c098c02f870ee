import type { HookContext } from './hook-context';
import type { HookOptions } from './hook';

/** A hook that is a function of the program which runs it. It can't be declared in a stack: nothing could load it again. */
export interface InlineHook {
  readonly kind: 'inline';
  readonly name: string;
  readonly deadline?: HookOptions['deadline'];
  readonly attach: (context: HookContext) => void | Promise<void>;
}

/** Makes a hook of a function, which gets the context that `attach` of a Hook gets. */
export function inlineHook(name: string, attach: InlineHook['attach'], { deadline }: Pick<HookOptions, 'deadline'> = {}): InlineHook {
  return { kind: 'inline', name, attach, ...(deadline === undefined ? {} : { deadline }) };
}
