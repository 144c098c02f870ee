# Sourced by build: the micro guest. Debian's cloud kernel, busybox as the whole userland, OpenSSH, the guest agent.
# shellcheck shell=bash disable=SC2034,SC2154

image_bytes=$((256 * 1024 * 1024))
cmdline="root=/dev/vda $kernel_options"

# Loaded once the exec channel is there
boot_modules=(button evdev virtio_net virtio_balloon pvpanic-mmio)
# Loaded by those who want them
spare_modules=(isofs sr_mod sd_mod virtio_scsi virtio-rng overlay loop virtiofs vfat nls_ascii nls_cp437)

programs=(usr/sbin/sshd usr/bin/ssh-keygen usr/bin/scp usr/lib/openssh/sftp-server usr/sbin/qemu-ga)

make_guest() {
  local work=$1 out=$2
  say 'fetching packages'
  extract_kernel "$work/debian" base-files openssh-server qemu-guest-agent
  say 'making the root disk'
  make_micro_root "$work/debian" "$work/root"
  cp "$work/debian/etc/os-release" "$work/os-release"
  make_disk_image "$work/root" "$out/root.qcow2" "$image_bytes" sandform-root -N 8192 -J size=4
  say 'making the kernel and initrd'
  make_kernel_and_initrd "$work/debian" "$work/initrd" "$out"
}

make_micro_root() {
  local source=$1 root=$2 program name
  mkdir -p "$root"/{bin,dev,mnt,proc,root,run,sbin,sys,tmp,usr/{bin,lib,sbin},var/{empty,log}}
  ln -s usr/lib "$root/lib"
  ln -s ../run "$root/var/run"
  chmod 700 "$root/root"
  chmod 1777 "$root/tmp"
  install_busybox "$source" "$root"
  for program in "${programs[@]}"; do copy_program "$source" "$root" "$program"; done
  install -D -m 755 "$source/lib64/ld-linux-x86-64.so.2" "$root/lib64/ld-linux-x86-64.so.2"
  copy_modules "$source" "$root" "${initrd_modules[@]}" "${boot_modules[@]}" "${spare_modules[@]}"
  cp -r "$here/files/common/root/." "$here/files/micro/root/." "$root/"
  cp "$source/etc/os-release" "$root/etc/os-release"
  module_files "$source" "${boot_modules[@]}" |
    grep -vxF "$(module_files "$source" "${initrd_modules[@]}")" >"$root/usr/lib/sandform/boot-modules"
  for name in poweroff reboot halt shutdown; do ln -sf power "$root/sbin/$name"; done
  # Without its cache the loader looks for each library in a dozen folders
  ldconfig -r "$root"
  chroot "$root" depmod "$(kernel_version "$root")"
  chown -R 0:0 "$root"
}

install_busybox() {
  local applet
  cp "$1/bin/busybox" "$2/bin/busybox"
  for applet in $("$1/bin/busybox" --list-full); do
    mkdir -p "$2/${applet%/*}"
    [ -e "$2/$applet" ] || ln -s /bin/busybox "$2/$applet"
  done
}

# copy_program SOURCE ROOT PROGRAM: with the libraries that it is linked with.
copy_program() {
  local library
  rm -f "$2/$3"
  install -D -m 755 "$1/$3" "$2/$3"
  for library in $(libraries_of "$1" "$1/$3"); do
    install -D -m 755 "$library" "$2/usr/lib/x86_64-linux-gnu/${library##*/}"
  done
}

libraries_of() {
  "$1/lib64/ld-linux-x86-64.so.2" --library-path "$1/lib/x86_64-linux-gnu:$1/usr/lib/x86_64-linux-gnu" --list "$2" |
    awk '$2 == "=>" { print $3 }'
}
