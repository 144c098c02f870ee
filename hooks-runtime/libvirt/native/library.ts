import koffi, { type LibraryHandle, type TypeObject } from 'koffi';
import { CallFailure } from './failure';
import { GLIB, LIBC, LIBVIRT, LIBVIRT_QEMU, type NativeType, type NativeTypes, type SymbolTable } from './symbols';

/** An address in native memory. Valid on every thread of the process. */
export type Pointer = bigint;

type Parameter<Type extends NativeType> = Type extends 'pointer' ? Pointer | NodeJS.ArrayBufferView | null : NativeTypes[Type];
type Functions<Table extends SymbolTable> = {
  readonly [Name in keyof Table]: Table[Name] extends readonly [infer Result extends NativeType, ...infer Parameters extends NativeType[]]
    ? (...given: { [Index in keyof Parameters]: Parameter<Parameters[Index]> }) => NativeTypes[Result]
    : never;
};

/** libvirt.so.0. The library is loaded, and a function looked up, at its first use. */
export const libvirt = bound('libvirt.so.0', LIBVIRT);

/** libvirt-qemu.so.0, for what only the QEMU driver can do. */
export const libvirtQemu = bound('libvirt-qemu.so.0', LIBVIRT_QEMU);

/** libglib-2.0.so.0, which libvirt itself links to. */
export const glib = bound('libglib-2.0.so.0', GLIB);

/** libc.so.6, for what Node does not offer. */
export const libc = bound('libc.so.6', LIBC);

/**
 * Makes libvirt ready and keeps it from printing errors to standard error.
 * The silent handler is a native function that returns at once when its first argument is NULL, so no thread ever waits
 * for JavaScript to be told of an error.
 */
export function initializeLibvirt(): void {
  if (libvirt.virInitialize() < 0) throw new CallFailure({ kind: 'no-library', message: 'virInitialize failed' });
  libvirt.virSetErrorFunc(null, opened('libvirt.so.0').symbol('virResetError') as Pointer);
}

const open = new Map<string, LibraryHandle>();

function opened(soname: string): LibraryHandle {
  const known = open.get(soname);
  if (known) return known;
  try {
    const library = koffi.load(soname);
    open.set(soname, library);
    return library;
  } catch (error) {
    throw new CallFailure({ kind: 'no-library', message: error instanceof Error ? error.message : String(error) });
  }
}

function bound<Table extends SymbolTable>(soname: string, table: Table): Functions<Table> {
  const functions = {};
  for (const [name, [result, ...parameters]] of Object.entries(table)) {
    Object.defineProperty(functions, name, {
      configurable: true,
      get: () => {
        const value: unknown = lookedUp(soname, name, result, parameters);
        Object.defineProperty(functions, name, { value });
        return value;
      },
    });
  }
  return functions as Functions<Table>;
}

function lookedUp(soname: string, name: string, result: NativeType, parameters: readonly NativeType[]): unknown {
  const library = opened(soname);
  try {
    return library.func(name, KOFFI_TYPES[result], parameters.map((type) => KOFFI_TYPES[type]));
  } catch {
    throw new CallFailure({ kind: 'no-function', name, library: soname });
  }
}

/** Anonymous types only: koffi keeps names per process, and a module may be loaded in it more than once. */
const KOFFI_TYPES: Readonly<Record<NativeType, string | TypeObject>> = {
  void: 'void',
  int: 'int',
  uint: 'uint',
  size: 'size_t',
  i64: 'longlong',
  u64: 'ulonglong',
  pointer: 'void *',
  string: 'str',
  text: koffi.disposable('str'),
};
