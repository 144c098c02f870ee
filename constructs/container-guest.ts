import type { ContainerPart, DomainPart, SizeText } from '../lib';
import type { RootFilesystem } from './root-filesystem';

/** How a container is run. */
export interface ContainerGuestProps {
  /** How records call it. @default 'container' */
  readonly name?: string;
  /** Memory of a sandbox that does not say otherwise. @default '256MiB' */
  readonly memory?: SizeText;
  /** @default 'x86_64' */
  readonly arch?: DomainPart['arch'];
  /**
   * The first process: a program of the root filesystem with its arguments, e.g. `['/sbin/init']`. The container ends with it.
   * @default a shell that does nothing until the container is shut down
   */
  readonly init?: readonly string[];
  /** Whether the users of the container are nobody on the host. Without it, its root is root of the host, kept in by little. @default true */
  readonly userNamespace?: boolean;
}

/** Collects what is left of processes whose parents ended, and ends when it is told to. */
const IDLE = ['/bin/sh', '-c', "trap 'exit 0' TERM INT; while :; do sleep 86400 & wait $!; done"];

/** What makes a domain a container, as the spec has it. */
export function containerPart(root: RootFilesystem, { init = IDLE, userNamespace = true }: ContainerGuestProps, doing: string): ContainerPart {
  return { root: root.reference(doing), init: [...init], userNamespace };
}
