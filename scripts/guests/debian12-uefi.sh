# Sourced by build: the guest debian12 on a disk that UEFI boots, with and without Secure Boot.
# shellcheck shell=bash disable=SC2034,SC2154

base=debian12
tools=(sfdisk:fdisk mkfs.vfat:dosfstools mcopy:mtools)

# Multiples of a mebibyte, as partitions are laid out
esp_bytes=$((64 * 1024 * 1024))
esp_offset=$((1024 * 1024))
root_offset=$((esp_offset + esp_bytes))
root_bytes=$((2 * 1024 * 1024 * 1024))
# The backup of the partition table lies at the end
image_bytes=$((root_offset + root_bytes + 1024 * 1024))
readonly esp_type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B root_type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709
cmdline="root=/dev/vda2 rw $kernel_options net.ifnames=0"

# Secure Boot trusts Microsoft's key, which signed shim, which trusts Debian's, which signed GRUB, the kernel and its modules.
make_guest() {
  local work=$1 out=$2
  say 'fetching the boot loader'
  extract_packages "$work/loader" shim-signed grub-efi-amd64-signed
  grep -E '^(shim-signed|grub-efi-amd64-signed) ' "$work/packages" >"$work/packages-of-loader"
  packages_of_base | cat - "$work/packages-of-loader" >"$work/packages"
  sed -n 's/^  "osRelease": "\(.*\)",$/PRETTY_NAME="\1"/p' "$base_folder/guest.json" >"$work/os-release"
  say 'making the disk'
  make_esp "$work/loader" "$work/esp"
  make_partitioned_disk "$work/esp" "$base_folder/root.qcow2" "$out/root.qcow2"
}

packages_of_base() { sed -n '/^  "packages"/,$ s/^    "\(.*\)": "\(.*\)",\?$/\1 \2/p' "$base_folder/guest.json"; }

# make_esp LOADER FILE: the EFI system partition, with the kernel on it.
make_esp() {
  local loader=$1 file=$2
  truncate -s "$esp_bytes" "$file"
  mkfs.vfat -n ESP -i 5A4D4F52 "$file" >&2
  cat >"$file.cfg" <<CFG
set timeout=0
linux /vmlinuz $cmdline
initrd /initrd
boot
CFG
  mmd -i "$file" ::EFI ::EFI/BOOT ::EFI/debian
  mcopy -i "$file" "$loader/usr/lib/shim/shimx64.efi.signed" ::EFI/BOOT/BOOTX64.EFI
  mcopy -i "$file" "$loader/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" ::EFI/BOOT/grubx64.efi
  mcopy -i "$file" "$file.cfg" ::EFI/debian/grub.cfg
  mcopy -i "$file" "$base_folder/kernel" ::vmlinuz
  mcopy -i "$file" "$base_folder/initrd" ::initrd
}

# make_partitioned_disk ESP ROOT FILE: a GPT disk of both as a qcow2.
make_partitioned_disk() {
  local esp=$1 root=$2 file=$3
  truncate -s "$image_bytes" "$file.raw"
  sfdisk --quiet "$file.raw" >&2 <<TABLE
label: gpt
label-id: 5A4D4F52-5A4D-4F52-8000-000000000000
start=$((esp_offset / 512)), size=$((esp_bytes / 512)), type=$esp_type, uuid=5A4D4F52-5A4D-4F52-8000-000000000001, name=esp
start=$((root_offset / 512)), size=$((root_bytes / 512)), type=$root_type, uuid=5A4D4F52-5A4D-4F52-8000-000000000002, name=root
TABLE
  write_partition raw "$esp" "$file.raw" "$esp_offset" "$esp_bytes"
  write_partition qcow2 "$root" "$file.raw" "$root_offset" "$root_bytes"
  qemu-img convert -f raw -O qcow2 -o compat=1.1,lazy_refcounts=off "$file.raw" "$file"
  rm "$file.raw"
}

# write_partition FORMAT SOURCE DISK OFFSET BYTES
write_partition() {
  qemu-img convert -n --target-is-zero -f "$1" --target-image-opts "$2" "driver=raw,offset=$4,size=$5,file.driver=file,file.filename=$3"
}
