import type { SeeContext } from './context-document';
import type { SeeDeclaration, WithoutHooks } from './declaration';
import type { SeeFiles } from './files';
import type { ImageLogin } from './image-login';
import type { OwnNetwork } from './network-template';

/** What reading the context of any hypervisor begins with. */
export interface ContextReading {
  readonly context: SeeContext;
  /** How messages call it. */
  readonly where: string;
  /** Text of its domain template; undefined where that can't be read, which is told already. */
  readonly xml: string | undefined;
  /** Its network; undefined where it has none, or one that can't be used. */
  readonly network: OwnNetwork | undefined;
  readonly files: SeeFiles;
  /** Whether what reaches into the host is carried over rather than refused. */
  readonly trusted: boolean;
}

/** What comes of a context, of whichever hypervisor. */
export interface ReadContext {
  readonly sandbox: WithoutHooks<SeeDeclaration>;
  readonly login?: ImageLogin;
}
