import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { SESSION_FIX, SESSION_LOSSES } from '../../lib/capabilities';
import { type Finding, ok, warning } from './finding';

/** What is lost on a user's own libvirt. */
export function sessionFindings(): Finding[] {
  const losses = Object.values(SESSION_LOSSES).map(({ lost, instead }) => warning('session', `no ${lost}: ${instead}`, SESSION_FIX));
  const { username } = userInfo();
  return [
    ...losses,
    warning('qemu user', `${username}, as whom QEMU runs: one that a guest took over can do whatever this user can`, `run it as a user of its own, or ${SESSION_FIX}`),
    lingerFinding(username),
  ];
}

/** systemd ends what a user left when they log out. */
function lingerFinding(username: string): Finding {
  const ends = existsSync('/run/systemd/system') && !existsSync(`/var/lib/systemd/linger/${username}`);
  return ends ? warning('logout', 'systemd may end your libvirt and its guests when you log out', 'run `loginctl enable-linger`') : ok('logout', 'your libvirt and its guests stay when you log out');
}
