# Sourced by build: Debian packages, and a disk image of what was made from them.
# shellcheck shell=bash disable=SC2154

# extract_packages ROOT PACKAGE...: the files of the packages and of all they depend on, without setting them up.
extract_packages() {
  local root=$1
  shift
  # The hook is the only moment in which their archives are there to be asked
  # shellcheck disable=SC2016
  GUEST_PACKAGES_LIST=${root%/*}/packages run_mmdebstrap "$root" extract "$*" --extract-hook='
    for deb in "$1"/var/cache/apt/archives/*.deb; do dpkg-deb --show --showformat "\${Package} \${Version}\n" "$deb"; done >"$GUEST_PACKAGES_LIST"'
}

# install_packages ROOT PACKAGE...: a Debian of the essential packages and these, set up.
install_packages() {
  local root=$1
  shift
  run_mmdebstrap "$root" essential "$*"
  dpkg-query --admindir="$root/var/lib/dpkg" --show --showformat '${Package} ${Version}\n' >"${root%/*}/packages"
}

run_mmdebstrap() {
  local root=$1 variant=$2 packages=$3 work=${1%/*} sources=()
  shift 3
  host_sources >"$work/sources"
  [ ! -s "$work/sources" ] || sources=(-)
  host_apt_settings >"$work/apt-settings"
  # Its temporary folder lies in ours, so that it goes with ours when this is killed
  TMPDIR=$work mmdebstrap --quiet --mode=root --variant="$variant" --format=directory --architectures="$arch" \
    --aptopt="$work/apt-settings" --include="$packages" "$@" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    "$release" "$root" "${sources[@]}" <"$work/sources" >&2 ||
    fail GUEST_PACKAGES "mmdebstrap failed on $packages" "packages of Debian $release" \
      'see its messages above; check the network and the mirrors in /etc/apt'
  rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
}

# The host's mirrors of this release; nothing where it has none, and mmdebstrap takes its own.
host_sources() {
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v release="$release" '$4 == "main" && ($3 == release || $3 == release "-updates" || $3 == release "-security")' |
    sort -u || true
}

host_apt_settings() {
  # How the host reaches its mirrors: proxies, certificates
  apt-config dump 2>/dev/null | grep -E '^Acquire::(https?|Retries|Check-Valid-Until)(::| )' || true
  echo 'Acquire::Languages "none"; APT::Sandbox::User "root"; APT::Install-Recommends "false";'
}

# make_disk_image ROOT FILE BYTES LABEL [OPTION...]: an ext4 file system of that size as a qcow2.
make_disk_image() {
  local root=$1 file=$2 bytes=$3 label=$4
  shift 4
  # Inode tables are written now, else each boot would begin to write them into its overlay
  truncate -s "$bytes" "$file.raw"
  mke2fs -q -F -t ext4 -L "$label" -d "$root" -m 0 -E lazy_itable_init=0,lazy_journal_init=0,nodiscard "$@" \
    "$file.raw" >&2
  qemu-img convert -f raw -O qcow2 -o compat=1.1,lazy_refcounts=off "$file.raw" "$file"
  rm "$file.raw"
}
