import { Duration } from '../../lib/units';
import { SandformError, messageOf } from '../../lib/errors';
import { type HookReference, parsed } from '../../lib/spec';
import { type Hook, type HookClass, isHookClass } from './hook';
import { packageModule } from './package-module';
import { projectModule } from './project-module';

/**
 * Loads a declared hook from the project that runs it: from a package that the project depends on, or from a file of the project
 * that is still the one which was declared. References come from a host's metadata, which whoever controls the host may have
 * written: they choose among the project's own code, and bring none.
 * @throws SandformError `HOOK_NOT_FOUND`, `HOOK_CHANGED`, `HOOK_CONFIG_INVALID`, `HOOK_FAILED`
 */
export function loadHook(reference: HookReference, { projectFolder }: { readonly projectFolder: string }): Hook {
  const doing = `loading the hook '${reference.name}' from ${describeHook(reference)}`;
  const load = 'file' in reference.from ? projectModule(projectFolder, reference.from, doing) : packageModule(projectFolder, reference.from.package, doing);
  const type = exported(running(load, doing), reference.from.export, doing);
  const config = parsed(type.config, structuredClone(reference.config), 'HOOK_CONFIG_INVALID', doing);
  const options = { name: reference.name, ...(reference.deadline === undefined ? {} : { deadline: Duration.milliseconds(reference.deadline).toString() }) };
  return running(() => new type(config as Record<string, unknown>, options), doing);
}

/** Where a declared hook comes from, for people: `sandform/hooks#Screenshots`, `hooks/mine.ts#Mine`. */
export function describeHook({ from }: HookReference): string {
  return `${'file' in from ? from.file : from.package}#${from.export}`;
}

type LoadedClass = HookClass & Pick<typeof Hook, 'config'>;

function exported(module: unknown, name: string, doing: string): LoadedClass {
  // Only what the module itself exports: `constructor` and `__proto__` are names as well.
  const found: unknown = typeof module === 'object' && module !== null && Object.hasOwn(module, name) ? (module as Record<string, unknown>)[name] : undefined;
  if (isHookClass(found)) return found as LoadedClass;
  throw new SandformError('HOOK_NOT_FOUND', { doing, given: found === undefined ? `no export '${name}'` : `an export '${name}' that is no hook`, expected: `a class '${name}' that extends Hook` });
}

/** Code of the project runs here, and may throw whatever it likes. */
function running<Result>(work: () => Result, doing: string): Result {
  try {
    return work();
  } catch (error) {
    throw SandformError.is(error) ? error : new SandformError('HOOK_FAILED', { doing, given: messageOf(error), cause: error });
  }
}
