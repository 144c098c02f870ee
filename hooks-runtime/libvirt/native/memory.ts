import koffi from 'koffi';
import type { Pointer } from './library';
import type { Struct } from './structs';

/** A place for one value that a native function writes. */
export class Out {
  readonly buffer = Buffer.alloc(8);

  get int(): number {
    return this.buffer.readInt32LE();
  }

  get pointer(): Pointer | null {
    const address = this.buffer.readBigUInt64LE();
    return address === 0n ? null : address;
  }

  get number(): number {
    return Number(this.buffer.readBigUInt64LE());
  }
}

/** What a native function wrote into a struct. `write` gets the place and calls it. */
export function readStruct<Shape>(struct: Struct<Shape>, write: (place: Buffer) => void): Shape {
  const place = Buffer.alloc(struct.type.size);
  write(place);
  return structAt(place, struct);
}

/** The struct at an address, or in a buffer. */
export function structAt<Shape>(address: Pointer | Buffer, { type }: Struct<Shape>): Shape {
  return koffi.decode(address, type) as Shape;
}

/** The structs that lie one after the other at an address. */
export function structsAt<Shape>(address: Pointer | null, length: number, { type }: Struct<Shape>): Shape[] {
  if (address === null || length === 0) return [];
  return koffi.decode(address, koffi.array(type, length)) as Shape[];
}

/**
 * What an array of pointers holds, mapped one by one, without those that map to undefined. Each element is freed by `free`,
 * the array itself by free(3), also where mapping fails.
 */
export function drained<Result>(array: Pointer | null, length: number, free: (element: Pointer) => unknown, map: (element: Pointer) => Result | undefined): Result[] {
  if (array === null) return [];
  const elements = [...new BigUint64Array(koffi.view(array, length * 8).slice(0))];
  try {
    return elements.map(map).filter((result) => result !== undefined);
  } finally {
    for (const element of elements) free(element);
    koffi.free(array);
  }
}

/** A UUID as text, which `write` writes. */
export function uuidText(write: (place: Buffer) => void): string {
  const place = Buffer.alloc(37);
  write(place);
  return place.toString('latin1', 0, 36);
}
