/**
 * The shell programs that make an instance's namespaces and live in them. POSIX sh, because they run before and
 * outside Node; everything that varies comes in as environment variables ({@link LaunchVariables}), never as program text.
 *
 * The chain is LOCK -> LAUNCH -> unshare, each replacing the one before it, and INIT as its child: so one process holds the
 * instance's lock and its namespaces from the first moment, and INIT is process 1 of the instance. When either ends, for
 * whatever reason, the kernel ends every daemon and guest in it.
 */
export interface LaunchVariables {
  /** Folder in /run that lives as long as the instance. */
  readonly SANDFORM_RUN: string;
  /** Persistent folder with etc, lib, cache, log and images. */
  readonly SANDFORM_DATA: string;
  /** Name of the instance's control group below the roots of all hierarchies. */
  readonly SANDFORM_CGROUP: string;
  /** `yes` hides /dev/kvm, so that libvirt neither probes nor offers it. */
  readonly SANDFORM_HIDE_KVM: 'yes' | 'no';
  /** `starter` ends the instance when file descriptor 3 comes to its end. */
  readonly SANDFORM_LIFETIME: 'machine' | 'starter';
}

/** What {@link LOCK} prints once it holds the lock; it goes on to {@link LAUNCH} when it reads a line that says `go`. */
export const LOCKED = 'locked';
export const GO = 'go';
/** Exit codes of {@link LOCK}: somebody else holds the lock; the lock file was removed meanwhile. */
export const TAKEN = 75;
export const REMOVED = 76;

/**
 * Takes the lock named by its first argument, tells so, and waits until its parent has written down who it is: a parent
 * that dies before leaves nothing behind. The second argument is the program to go on with.
 *
 * The lock file may be removed by who holds the lock, so a lock on a file that has no name any more is worth nothing.
 */
export const LOCK = `
exec 9>"$1"
flock --nonblock 9 || exit ${TAKEN}
[ /proc/self/fd/9 -ef "$1" ] || exit ${REMOVED}
echo ${LOCKED}
read -r answer && [ "$answer" = ${GO} ] || exit 0
exec sh "$2"
`;

/** Enters a control group of its own (libvirt names groups after domains, so two daemons would share them) and the namespaces. */
export const LAUNCH = `
set -eu
exec </dev/null >>"$SANDFORM_DATA/log/instance.log" 2>&1

enter() { # the daemons live in a leaf: a version 2 group with processes of its own can't hand controllers down
  mkdir -p "$1/$SANDFORM_CGROUP/init"
  for group in "$1/$SANDFORM_CGROUP" "$1/$SANDFORM_CGROUP/init"; do
    if [ -e "$group/cpuset.mems" ] && [ -e "$1/cgroup.clone_children" ]; then
      for setting in cpuset.cpus cpuset.mems; do cat "$1/$setting" >"$group/$setting"; done
    fi
  done
  echo $$ >"$1/$SANDFORM_CGROUP/$2/cgroup.procs"
}
hierarchies=
for root in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if [ -w "$root/cgroup.procs" ] && mountpoint -q "$root"; then
    enter "$root" .
    hierarchies="$hierarchies $root"
  fi
done
export SANDFORM_HIERARCHIES="$hierarchies"
exec unshare --cgroup sh -c '
  for root in $SANDFORM_HIERARCHIES; do echo $$ >"$root/$SANDFORM_CGROUP/init/cgroup.procs"; done
  exec unshare --mount --net --pid --ipc --fork --kill-child --mount-proc --propagation slave sh "$SANDFORM_RUN/init.sh"'
`;

/** Process 1 of an instance: arranges what the daemons see, starts them and keeps them running, reaps orphans. */
export const INIT = `
set -eu

# In a chroot the kernel gives nobody a user namespace, which containers have, and whoever joins these mounts would find another root.
# So its root becomes that of the mounts: joining them leads to the root that there is, which is exchanged for this one.
outer="$(nsenter --mount=/proc/self/ns/mnt stat -Lc %d:%i / 2>/dev/null || :)"
if [ -n "$outer" ] && [ "$outer" != "$(stat -Lc %d:%i /)" ] && mountpoint -q /; then
  exec 5</
  exec nsenter --mount=/proc/self/ns/mnt sh -c 'cd /proc/self/fd/5 && exec 5<&- && pivot_root . . && umount --lazy . && cd / && exec sh "$SANDFORM_RUN/init.sh"'
fi

ip link set lo up

# sysfs shows the network devices of the namespace that mounted it, and libvirt reads bridges there.
sys="$SANDFORM_RUN/sys"; mkdir -p "$sys"
mount -t sysfs sysfs "$sys"
if [ -d /sys/kernel/security ]; then mount --rbind /sys/kernel/security "$sys/kernel/security"; fi
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 "$sys/fs/cgroup"
  for controller in $(cat "$sys/fs/cgroup/cgroup.controllers"); do echo "+$controller" >"$sys/fs/cgroup/cgroup.subtree_control" || :; done
else
  # Without the unified hierarchy of a hybrid host: libvirt's LXC driver fails beside it.
  mount -t tmpfs -o mode=755 cgroup "$sys/fs/cgroup"
  while IFS=: read -r _ controllers _; do
    folder="\${controllers#name=}"
    if [ -n "$controllers" ] && [ -e "/sys/fs/cgroup/$folder/$SANDFORM_CGROUP" ]; then
      mkdir "$sys/fs/cgroup/$folder"
      case "$controllers" in name=*) options="none,$controllers" ;; *) options="$controllers" ;; esac
      mount -t cgroup -o "$options" cgroup "$sys/fs/cgroup/$folder"
      for name in $(echo "$folder" | tr , ' '); do [ -e "$sys/fs/cgroup/$name" ] || ln -s "$folder" "$sys/fs/cgroup/$name"; done
    fi
  done </proc/self/cgroup
fi
umount --recursive --lazy /sys
mount --move "$sys" /sys

if [ "$SANDFORM_HIDE_KVM" = yes ] && [ -e /dev/kvm ]; then
  # A folder of its own, not a mount over the device: libvirt moves what is mounted below /dev for each guest, and fails.
  dev="$SANDFORM_RUN/dev"; mkdir -p "$dev"
  mount -t tmpfs -o mode=755 dev "$dev"
  cp -ax /dev/. "$dev/"
  rm -f "$dev/kvm"
  for folder in pts shm mqueue hugepages; do
    if mountpoint -q "/dev/$folder"; then mkdir -p "$dev/$folder"; mount --bind "/dev/$folder" "$dev/$folder"; fi
  done
  while mountpoint -q /dev; do umount --recursive --lazy /dev; done
  mount --move "$dev" /dev
fi

place() { mkdir -p "$1" "$2"; mount --bind "$1" "$2"; }
place "$SANDFORM_RUN/libvirt" /run/libvirt
place "$SANDFORM_DATA/lib" /var/lib/libvirt
place "$SANDFORM_DATA/etc" /etc/libvirt
place "$SANDFORM_DATA/log" /var/log/libvirt
place "$SANDFORM_DATA/cache" /var/cache/libvirt
# TPMs: what swtpm says of each, and the authority that signs them. swtpm runs as a user of its own, as which libvirt runs it only if it was there when libvirt started.
if [ -d /var/lib/swtpm-localca ]; then
  mkdir -p "$SANDFORM_DATA/swtpm/log" "$SANDFORM_DATA/swtpm/ca"
  chmod 711 "$SANDFORM_DATA/swtpm/log"
  chmod 750 "$SANDFORM_DATA/swtpm/ca"
  chown -R --reference=/var/lib/swtpm-localca "$SANDFORM_DATA/swtpm/ca"
  place "$SANDFORM_DATA/swtpm/log" /var/log/swtpm
  place "$SANDFORM_DATA/swtpm/ca" /var/lib/swtpm-localca
fi
# libvirt locks channels and consoles there by path and process id: both mean something else to every other libvirt.
if [ -d /var/lock ]; then place "$SANDFORM_RUN/lock" "$(readlink -f /var/lock)"; fi
# The host's machined and firewalld would be told process ids and bridges that mean something else out there.
if [ -d /run/dbus ]; then place "$SANDFORM_RUN/dbus" /run/dbus; fi

# As an init system would: started again when it ends, given up when it ends at once again and again.
keep() {
  failures=0
  while [ $failures -lt 4 ]; do
    begun=$(date +%s); code=0
    "$@" || code=$?
    echo "$1 ended with $code"
    if [ $(($(date +%s) - begun)) -le 1 ]; then failures=$((failures + 1)); else failures=0; fi
    sleep 1
  done
  echo "$1 keeps ending: the instance ends"
  kill -TERM 1
}
trap 'exit 1' TERM
if [ "$SANDFORM_LIFETIME" = starter ]; then
  { cat <&3 >/dev/null; echo "the starter has ended"; kill -TERM 1; } &
fi
exec 3<&-
keep virtlogd --pid-file /run/libvirt/virtlogd.pid &
keep libvirtd --pid-file /run/libvirt/libvirtd.pid &
wait
`;
