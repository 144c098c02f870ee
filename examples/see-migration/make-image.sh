#!/bin/sh
# Makes a guest for this example in the current folder: the micro guest of `sandform guest build micro`, with a stand-in for SEE's agent. Takes the
# folder of the micro guest; needs e2fsprogs and qemu-utils.
set -eu
guest=$1
agent=$(dirname "$0")/agent.sh
inittab=$(mktemp)
trap 'rm -f "$inittab" root.raw' EXIT

qemu-img convert -O raw "$guest/root.qcow2" root.raw
debugfs -R "cat /etc/inittab" root.raw 2>/dev/null >"$inittab"
echo '::respawn:/bin/busybox httpd -f -p 8080 -h /agent' >>"$inittab"
debugfs -w root.raw >/dev/null 2>&1 <<COMMANDS
mkdir /agent
mkdir /agent/cgi-bin
write $agent /agent/cgi-bin/index.cgi
set_inode_field /agent/cgi-bin/index.cgi mode 0100755
rm /etc/inittab
write $inittab /etc/inittab
COMMANDS
qemu-img convert -O qcow2 root.raw image.qcow2
cp "$guest/kernel" "$guest/initrd" .
