#!/bin/sh
# Makes a guest for this example in the current folder: the micro guest of `sandform guest build micro`, with a stand-in for SEE's agent, which
# is Python and would need a guest of a hundred megabytes. Takes the folder of the micro guest; needs e2fsprogs and qemu-utils.
set -eu
guest=$1
agent=$(mktemp)
inittab=$(mktemp)
trap 'rm -f "$agent" "$inittab" root.raw' EXIT

cat >"$agent" <<'AGENT'
#!/bin/sh
# Answers in the words of SEE's agent: GET runs a command, POST stores a sample first.
parameter() { echo "$QUERY_STRING" | tr '&' '\n' | sed -n "s/^$1=//p"; }
command=$(httpd -d "$(parameter command)")
if [ "$REQUEST_METHOD" = POST ]; then
  file=$(mktemp -d)/$(parameter sample)
  head -c "$CONTENT_LENGTH" >"$file"
  command=$(echo "$command" | sed "s|{sample}|$file|")
fi
output=$(sh -c "$command" 2>&1)
code=$?
printf 'Content-Type: application/json\r\n\r\n{"exit_code": %d, "command_output": "%s"}' "$code" "$(echo "$output" | sed 's/["\\]/\\&/g' | tr '\n' ' ')"
AGENT

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
