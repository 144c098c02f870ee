import type { IConstruct } from 'constructs';
import { Mistakes } from './mistakes';
import { LIBVIRT_0_8 } from './provider/libvirt-0.8';
import { LIBVIRT_0_9 } from './provider/libvirt-0.9';
import { PROVIDERS, type ProviderGeneration, type ProviderName } from './provider/provider-generation';
import { settingOf } from './setting';

const GENERATIONS: Readonly<Record<ProviderName, ProviderGeneration>> = { '0.9': LIBVIRT_0_9, '0.8': LIBVIRT_0_8 };

export const DEFAULT_PROVIDER: ProviderGeneration = LIBVIRT_0_9;

/**
 * The generation of the provider that a stack asks for: its prop, else the context `sandform:provider`, else
 * SANDFORM_PROVIDER, else 0.9.
 * @throws SandformError `PROP_INVALID`
 */
export function providerOf(stack: IConstruct, prop: ProviderName | undefined): ProviderGeneration {
  const { where, given } = settingOf(stack, { name: 'provider', prop, otherwise: DEFAULT_PROVIDER.name });
  const known = PROVIDERS.find((name) => name === given);
  if (known !== undefined) return GENERATIONS[known];
  throw Mistakes.of(stack).mistake('PROP_INVALID', where, { given, expected: PROVIDERS.map((name) => `'${name}'`).join(' or '), fix: 'correct it where it is set' });
}
