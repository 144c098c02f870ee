import { type XmlElement, childOf, textOf } from '../domain-xml';
import { Size, type SizeText } from '../units';
import type { SeeReading } from './reading';

/** Memory of a template, as whole mebibytes. What can't be read is a mistake. @param where how messages call the template */
export function memoryOf(root: XmlElement, where: string, reading: SeeReading): SizeText {
  const memory = childOf(root, 'memory');
  const bytes = Number(textOf(memory).trim() || NaN) * (UNITS[memory?.attributes['unit'] ?? 'KiB'] ?? NaN);
  if (!Number.isSafeInteger(bytes) || bytes <= 0) {
    reading.mistake('SEE_INVALID', `${where}: memory`, { given: memory === undefined ? 'nothing' : `${textOf(memory)} ${memory.attributes['unit'] ?? 'KiB'}`, expected: 'a size above zero, in a unit of libvirt' });
    return '1MiB';
  }
  const whole = Math.ceil(bytes / MEBIBYTE) * MEBIBYTE;
  if (whole !== bytes) reading.note('otherwise', `${where}: memory`, `${bytes} bytes become ${whole / MEBIBYTE} MiB, the next whole number of mebibytes`);
  return Size.bytes(whole).toString();
}

/** Processors of a template. What can't be read is a mistake. @param where how messages call the template */
export function vcpusOf(root: XmlElement, where: string, reading: SeeReading): number {
  const text = textOf(childOf(root, 'vcpu')).trim() || '1';
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= 512) return count;
  reading.mistake('SEE_INVALID', `${where}: vcpu`, { given: text, expected: 'a whole number from 1 to 512' });
  return 1;
}

/** Architecture of a template, by the type in its `os`. Another one than ours is a mistake. @param where how messages call the template */
export function archOf(os: XmlElement | undefined, where: string, reading: SeeReading): 'x86_64' | 'aarch64' {
  const arch = childOf(os, 'type')?.attributes['arch'];
  if (!['x86_64', 'i686', 'aarch64', undefined].includes(arch)) reading.mistake('SEE_INVALID', `${where}: os/type`, { given: arch, expected: 'x86_64, i686 or aarch64' });
  return arch === 'aarch64' ? 'aarch64' : 'x86_64';
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ b: 1, bytes: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ k: 2 ** 10, KiB: 2 ** 10, M: 2 ** 20, MiB: 2 ** 20, G: 2 ** 30, GiB: 2 ** 30, T: 2 ** 40, TiB: 2 ** 40 },
};
const MEBIBYTE = 2 ** 20;
