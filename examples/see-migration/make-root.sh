#!/bin/sh
# Makes the root filesystem of this example's container in the folder `root`: busybox, with a stand-in for SEE's agent. Needs Debian's busybox-static.
set -eu
busybox=$(command -v busybox) || { echo 'busybox is missing: apt-get install busybox-static' >&2; exit 1; }
rm -rf root
for folder in agent/cgi-bin bin dev etc proc results root run sys tmp; do mkdir -p "root/$folder"; done
chmod 1777 root/tmp
cp "$busybox" root/bin/busybox
for applet in $(busybox --list); do [ -e "root/bin/$applet" ] || ln -s busybox "root/bin/$applet"; done
cp "$(dirname "$0")/agent.sh" root/agent/cgi-bin/index.cgi
chmod 0755 root/agent/cgi-bin/index.cgi
echo 'root:x:0:0:root:/root:/bin/sh' >root/etc/passwd
