#!/bin/sh
# A stand-in for SEE's agent, which is Python and would need a guest of a hundred megabytes: a CGI program for the web server of busybox. Answers in
# the agent's words: GET runs a command, POST stores a sample first.
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
