"""python-see from nothing to the first command's exit code, over the QEMU guest agent. Prints seconds, one line a round.

Arguments: URI, domain XML template, base image, folder for clones, rounds.
"""
import base64
import json
import sys
import time

import libvirt
import libvirt_qemu

from see import Environment
from see.context import QEMUContextFactory

uri, template, image, clones, rounds = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])


def agent(domain, command, **arguments):
    text = json.dumps({"execute": command, "arguments": arguments})
    return json.loads(libvirt_qemu.qemuAgentCommand(domain, text, 5, 0))["return"]


def first_command(domain):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            pid = agent(domain, "guest-exec", path="/bin/echo", arg=["ready"], **{"capture-output": True})["pid"]
            break
        except libvirt.libvirtError:
            time.sleep(0.05)
    else:
        raise SystemExit("the guest agent did not answer")
    while True:
        status = agent(domain, "guest-exec-status", pid=pid)
        if status["exited"]:
            assert status["exitcode"] == 0 and base64.b64decode(status["out-data"]) == b"ready\n"
            return
        time.sleep(0.01)


libvirt.registerErrorHandler(lambda *_: None, None)
for _ in range(rounds):
    start = time.perf_counter()
    configuration = {
        "hypervisor": uri,
        "domain": {"configuration": template},
        "disk": {"image": {"name": image, "provider": "see.image_providers.DummyProvider", "provider_configuration": {"path": "/"}},
                 "clone": {"storage_pool_path": clones, "copy_on_write": True}},
    }
    with Environment(QEMUContextFactory(configuration), {}) as environment:
        environment.context.poweron()
        first_command(environment.context.domain)
        print(time.perf_counter() - start, flush=True)
