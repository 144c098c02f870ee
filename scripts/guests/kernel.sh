# Sourced by build: Debian's cloud kernel, started directly, with an initrd that only brings the root disk.
# shellcheck shell=bash disable=SC2034,SC2154

# In the order in which the kernel takes them: the root disk, and the exec channel because it comes first in all guests.
initrd_modules=(virtio_pci virtio_blk virtio_console)
# no_timer_check: emulated on a busy host, timer interrupts come late, and the kernel, which looks for broken timers, would panic
kernel_options='console=tty0 console=ttyS0 quiet init_on_free=1 cryptomgr.notests mitigations=off noreplace-smp no_timer_check'

# extract_kernel SOURCE PACKAGE...: the kernel, its modules and a busybox, beside further packages.
extract_kernel() {
  local source=$1
  shift
  extract_packages "$source" "linux-image-cloud-$arch" busybox-static "$@"
  chroot "$source" depmod "$(kernel_version "$source")"
}

kernel_version() { basename "$1"/lib/modules/*; }

# make_kernel_and_initrd SOURCE TREE OUT: both into the folder OUT; TREE becomes the initrd's files.
make_kernel_and_initrd() {
  local source=$1 tree=$2 out=$3
  cp "$source"/boot/vmlinuz-* "$out/kernel"
  mkdir -p "$tree"/{bin,dev,proc,root}
  cp "$source/bin/busybox" "$tree/bin/busybox"
  ln -s busybox "$tree/bin/sh"
  copy_modules "$source" "$tree" "${initrd_modules[@]}"
  module_files "$source" "${initrd_modules[@]}" >"$tree/modules"
  install -m 755 "$here/files/common/initrd-init" "$tree/init"
  # Not compressed: under emulation, unpacking costs more than reading
  (cd "$tree" && find . -print0 | sort -z | cpio --null --quiet --create --format=newc --owner=0:0) >"$out/initrd"
}

# copy_modules SOURCE ROOT MODULE...: with all they depend on.
copy_modules() {
  local source=$1 root=$2 file
  shift 2
  for file in $(module_files "$source" "$@"); do install -D -m 644 "$source$file" "$root$file"; done
}

# module_files SOURCE MODULE...: their files, in an order in which the kernel takes them.
module_files() {
  local source=$1 version module
  shift
  version=$(kernel_version "$source")
  for module; do chroot "$source" modprobe --set-version "$version" --show-depends "$module"; done |
    awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}
