import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from './project';

/** The virtio-serial port that a guest program from a seed serves: not the one of images that hold the program, which must not be disturbed. */
export const SEED_PORT = 'org.sandform.seed.0';

/**
 * User-data that bring the Sandform guest program into a system with cloud-init and OpenSSH, and start it, without any network: what was given goes along unchanged.
 *
 * It is a boothook, so that it comes before the network and before all else that cloud-init does, and at every boot.
 * Format: https://cloudinit.readthedocs.io/en/latest/explanation/format.html
 */
export function withGuestProgram(userData: string | undefined): string {
  const hook = guestProgramHook();
  if (userData === undefined) return hook;
  const boundary = `sandform-${createHash('sha256').update(userData).digest('hex').slice(0, 16)}`;
  // cloud-init tells the kinds of text/plain by their first lines; what is a message already brings its own.
  const part = (text: string) => (/^(content-type|mime-version):/i.test(text) ? text : `Content-Type: text/plain; charset="utf-8"\n\n${text}`);
  return [`Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n`, ...[hook, userData].map((text) => `--${boundary}\n${part(text)}`), `--${boundary}--\n`].join('\n');
}

/** Runs under systemd and under OpenRC. */
function guestProgramHook(): string {
  return `#cloud-boothook
#!/bin/sh
# Gives the host a way in: Sandform's guest program on a virtio-serial port
set -eu
folder=/usr/lib/sandform
mkdir -p "$folder"
${written('"$folder/seed-exec"', program('sandform-exec'))}
chmod 755 "$folder/seed-exec"
${written('"$folder/seed-sshd-config"', program('sshd_config'))}
# sshd refuses users whose password is locked, also where no password is asked for
sed -i 's/^root:!!*:/root:*:/' /etc/shadow
modprobe virtio_console 2>/dev/null || :
if command -v systemctl >/dev/null; then
  ${written('/run/systemd/system/sandform-seed.service', SYSTEMD_UNIT)}
  systemctl daemon-reload
  systemctl --no-block start sandform-seed.service
else
  ${written('/etc/init.d/sandform-seed', OPENRC_SCRIPT)}
  chmod 755 /etc/init.d/sandform-seed
  rc-service sandform-seed start
fi
`;
}

function written(place: string, text: string): string {
  return `cat >${place} <<'SANDFORM_END'\n${text}SANDFORM_END`;
}

const SYSTEMD_UNIT = `[Unit]
Description=SSH for the host over a virtio-serial port
DefaultDependencies=no
Before=shutdown.target
Conflicts=shutdown.target
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/lib/sandform/seed-exec ${SEED_PORT}
Restart=always
RestartSec=100ms
KillMode=mixed
TimeoutStopSec=2s
OOMScoreAdjust=-900
TasksMax=infinity
`;

const OPENRC_SCRIPT = `#!/sbin/openrc-run
description="SSH for the host over a virtio-serial port"
supervisor=supervise-daemon
command=/usr/lib/sandform/seed-exec
command_args=${SEED_PORT}
respawn_delay=1
respawn_max=0
`;

/** A file of the guests that Sandform builds, with places of its own: where an image holds the program already, two of them run. */
function program(name: string): string {
  const root = folderWith('package.json', __dirname) ?? '.';
  return readFileSync(join(root, 'scripts', 'guests', 'files', 'common', 'root', 'usr', 'lib', 'sandform', name), 'utf8').replaceAll('/run/sandform/exec', '/run/sandform/seed').replaceAll('/usr/lib/sandform/sshd_config', '/usr/lib/sandform/seed-sshd-config');
}
