# Sourced by build: Debian 12 with systemd, cloud-init for those who bring a NoCloud disk, and the guest agent.
# shellcheck shell=bash disable=SC2034,SC2154

image_bytes=$((2 * 1024 * 1024 * 1024))
cmdline="root=/dev/vda rw $kernel_options net.ifnames=0"

packages=(
  systemd-sysv udev kmod openssh-server qemu-guest-agent cloud-init sudo python3-minimal
  e2fsprogs iproute2 iputils-ping procps ca-certificates curl
)
# Nothing in a sandbox that lives for minutes is worth their start
masked_units=(
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
  systemd-networkd-wait-online.service systemd-network-generator.service systemd-logind.service
  systemd-pstore.service systemd-update-utmp.service systemd-update-utmp-runlevel.service
  systemd-journal-flush.service systemd-random-seed.service systemd-machine-id-commit.service
  systemd-modules-load.service systemd-sysusers.service systemd-remount-fs.service systemd-repart.service
  systemd-firstboot.service systemd-hwdb-update.service systemd-binfmt.service ldconfig.service
  proc-sys-fs-binfmt_misc.automount dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount
  sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount
  getty-static.service systemd-ask-password-console.path systemd-ask-password-wall.path systemd-initctl.socket
  cryptsetup.target integritysetup.target veritysetup.target
)
masked_generators=(
  cloud-init-generator systemd-cryptsetup-generator systemd-debug-generator systemd-gpt-auto-generator
  systemd-hibernate-resume-generator systemd-integritysetup-generator systemd-rc-local-generator systemd-run-generator
  systemd-system-update-generator systemd-veritysetup-generator
)

make_guest() {
  local work=$1 out=$2
  say 'fetching the kernel'
  extract_kernel "$work/kernel"
  mv "$work/packages" "$work/packages-of-kernel"
  say 'installing Debian'
  install_packages "$work/root" "${packages[@]}"
  grep '^linux-image-' "$work/packages-of-kernel" >>"$work/packages"
  say 'making the root disk'
  fit_debian_root "$work/root" "$work/kernel"
  cp "$work/root/etc/os-release" "$work/os-release"
  make_disk_image "$work/root" "$out/root.qcow2" "$image_bytes" sandform-root -J size=16
  say 'making the kernel and initrd'
  make_kernel_and_initrd "$work/kernel" "$work/initrd" "$out"
}

fit_debian_root() {
  local root=$1 kernel=$2 unit
  cp -r "$kernel/lib/modules" "$root/lib/modules"
  cp -r "$here/files/common/root/." "$here/files/debian12/root/." "$root/"
  for unit in "${masked_units[@]}"; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done
  for unit in "${masked_generators[@]}"; do ln -sf /dev/null "$root/etc/systemd/system-generators/$unit"; done
  chroot "$root" systemctl --quiet set-default multi-user.target
  chroot "$root" systemctl --quiet disable ssh.service
  chroot "$root" systemctl --quiet enable ssh.socket systemd-networkd.service sandform-exec.service \
    sandform-power-button.service sandform-resolv-conf.path sandform-resolv-conf.service
  # Each copy makes its own when it needs them
  rm -f "$root"/etc/ssh/ssh_host_*
  : >"$root/etc/machine-id"
  ln -sf /run/resolv.conf "$root/etc/resolv.conf"
  echo '# Add the mirror that this sandbox may reach' >"$root/etc/apt/sources.list"
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/*.log "$root"/run/* "$root"/tmp/*
}
