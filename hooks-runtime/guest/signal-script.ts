/**
 * Shell lines that send a signal to a command's process group, and `SIGKILL` also to the rest of its session (jobs of an
 * interactive shell have groups of their own). Who made a session of its own gets away: it is another program by then.
 * @param pid of the session's leader, as the shell is to see it
 */
export function signalScript(signal: string, pid: string): string {
  const name = signal.replace(/^SIG/, '');
  return [`kill -${name} -${pid} 2>/dev/null`, ...(name === 'KILL' ? killSession(pid) : []), 'exit 0'].join('\n');
}

/** A few passes, as members may fork while they are looked for. In /proc/PID/stat, state and session follow the name in brackets. */
function killSession(pid: string): string[] {
  return [
    'for pass in 1 2 3 4 5; do',
    '  found=',
    '  for process in /proc/[0-9]*; do',
    '    { read -r line <$process/stat; } 2>/dev/null || continue',
    '    set -- ${line##*) }',
    `    [ "$4" = "${pid}" ] && [ "$1" != Z ] && kill -KILL \${process#/proc/} 2>/dev/null && found=1`,
    '  done',
    '  [ "$found" ] || break',
    'done',
  ];
}
