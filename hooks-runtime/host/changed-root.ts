import { runProgram } from './program';

/**
 * Whether this process runs under chroot(2): its root is another folder than that of its mount namespace. Then what enters
 * a mount namespace, as libvirt does to prepare a guest's /dev, finds itself outside.
 */
export async function rootIsChanged(): Promise<boolean> {
  // The working folder is opened before the namespace is entered anew, which resets the root, and named after it.
  const { stdout } = await runProgram('nsenter', ['--mount=/proc/self/ns/mnt', '--wd=/', '--', 'readlink', '/proc/self/cwd'], { timeoutMs: 5000 });
  return stdout.trim() !== '/';
}
