import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SESSION_FIX, SESSION_LOSSES } from '../../lib/capabilities';
import { type Finding, ok, warning } from './finding';

/** What is lost on a user's own libvirt. */
export function sessionFindings(): Finding[] {
  const losses = Object.values(SESSION_LOSSES).map(({ lost, instead }) => warning('session', `no ${lost}: ${instead}`, SESSION_FIX));
  const { username } = userInfo();
  return [
    ...losses,
    warning('qemu user', `${username}, as whom QEMU runs: one that a guest took over can do whatever this user can`, `run it as a user of its own, or ${SESSION_FIX}`),
    homeFinding(),
    lingerFinding(username),
  ];
}

/** What the kernel takes of a socket's path. Source: unix(7). */
const LONGEST_SOCKET_PATH = 107;
/** What libvirt puts below the folder of a user's settings for a guest's channel, at its longest: it cuts the name of the domain to 20 characters. */
const CHANNEL_PATH = `/libvirt/qemu/channel/target/domain-99-${'x'.repeat(20)}/org.qemu.guest_agent.0`;

/** A long path of a home folder leaves no room for the sockets of guests. */
function homeFinding(): Finding {
  const folder = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  const longest = LONGEST_SOCKET_PATH - CHANNEL_PATH.length;
  if (folder.length <= longest) return ok('settings', `libvirt's sockets fit below ${folder}`);
  return warning('settings', `libvirt makes sockets of guests below ${folder}; where names are long their paths exceed ${LONGEST_SOCKET_PATH} characters, and domains don't start`, `keep the names of stacks and sandboxes short, or stop libvirt and set XDG_CONFIG_HOME to a folder of at most ${longest} characters`);
}

/** systemd ends what a user left when they log out. */
function lingerFinding(username: string): Finding {
  const ends = existsSync('/run/systemd/system') && !existsSync(`/var/lib/systemd/linger/${username}`);
  return ends ? warning('logout', 'systemd may end your libvirt and its guests when you log out', 'run `loginctl enable-linger`') : ok('logout', 'your libvirt and its guests stay when you log out');
}
