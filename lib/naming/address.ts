import { SandformError } from '../errors';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** `STACK/SANDBOX`, or `STACK` alone where a whole stack is meant. */
export interface SandboxAddress {
  readonly stack: string;
  readonly sandbox?: string;
}

/** @throws SandformError `ADDRESS_INVALID` */
export function parseAddress(text: string): SandboxAddress {
  const [stack = '', sandbox, ...rest] = text.split('/');
  if (rest.length > 0 || !NAME.test(stack) || (sandbox !== undefined && !NAME.test(sandbox))) {
    throw new SandformError('ADDRESS_INVALID', { doing: 'reading a sandbox address', given: text });
  }
  return sandbox === undefined ? { stack } : { stack, sandbox };
}

export function formatAddress({ stack, sandbox }: SandboxAddress): string {
  return sandbox === undefined ? stack : `${stack}/${sandbox}`;
}

/** Whether text can name a stack, a sandbox, a network or a disk. */
export function isName(text: string): boolean {
  return NAME.test(text);
}
