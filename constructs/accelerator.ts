import type { IConstruct } from 'constructs';
import { Accelerator, type Accelerator as AcceleratorName, mistakesOf } from '../lib';
import { Mistakes } from './mistakes';
import { settingOf } from './setting';

/**
 * The accelerator of a sandbox: its prop, else the context `sandform:accelerator`, else SANDFORM_ACCELERATOR, else `kvm`.
 * @throws SandformError `PROP_INVALID`
 */
export function acceleratorOf(construct: IConstruct, prop: AcceleratorName | undefined): AcceleratorName {
  const { where, given } = settingOf(construct, { name: 'accelerator', prop, otherwise: 'kvm' });
  if (mistakesOf(Accelerator, given).length === 0) return given as AcceleratorName;
  throw Mistakes.of(construct).mistake('PROP_INVALID', where, { given, expected: "'kvm' or 'tcg' (emulation: no security boundary)", fix: 'correct it where it is set' });
}
