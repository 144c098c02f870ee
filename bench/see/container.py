"""python-see's LXC context: from switching it on to the end of the first command. Prints seconds, one line a round.

Arguments: domain XML template, rounds. Runs where the libvirt does; SEE enters no containers, so virsh does.
"""
import subprocess
import sys
import time

import libvirt

from see import Environment
from see.context import LXCContextFactory

URI = "lxc:///system"
template, rounds = sys.argv[1], int(sys.argv[2])


def first_command(name):
    enter = ["virsh", "-q", "-c", URI, "lxc-enter-namespace", "--noseclabel", name, "/bin/echo", "ready"]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        # Now and then libvirt misses the id of the first process for a moment.
        tried = subprocess.run(enter, capture_output=True, text=True)
        if tried.returncode == 0:
            assert tried.stdout == "ready\n", tried.stdout
            return
        assert "Init pid is not yet available" in tried.stderr, tried.stderr
    raise SystemExit("the container could not be entered")


libvirt.registerErrorHandler(lambda *_: None, None)
for _ in range(rounds):
    with Environment(LXCContextFactory({"hypervisor": URI, "domain": {"configuration": template}}), {}) as environment:
        start = time.perf_counter()
        environment.context.poweron()
        first_command(environment.context.domain.name())
        print(time.perf_counter() - start, flush=True)
        environment.context.poweroff()
