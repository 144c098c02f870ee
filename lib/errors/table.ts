/**
 * Who can mend an error, which also decides the exit code of the command line:
 * `usage` and `declaration` end with 2, all others with 125.
 */
export type ErrorKind = 'usage' | 'declaration' | 'host' | 'guest' | 'hook' | 'internal';

/** One row of the error table. */
export interface ErrorEntry {
  readonly kind: ErrorKind;
  /** What it means, one sentence, for docs/errors.md. */
  readonly meaning: string;
  /** What was expected, unless the place that throws knows better. */
  readonly expected: string;
  /** How to fix it, unless the place that throws knows better. */
  readonly fix: string;
}

const entry = (kind: ErrorKind, meaning: string, expected: string, fix: string): ErrorEntry => ({ kind, meaning, expected, fix });

/** Every code that Sandform can end with. docs/errors.md is generated from it and a test keeps the two equal. */
export const ERRORS = {
  // command line
  USAGE: entry('usage', 'The command line could not be understood.', 'a command as `sandform --help` lists it', 'run `sandform COMMAND --help`'),
  ADDRESS_INVALID: entry('usage', 'A sandbox address is not of the form STACK/SANDBOX.', 'STACK/SANDBOX, or STACK where a whole stack is meant', 'run `sandform ps` to see the addresses'),
  SANDBOX_NOT_FOUND: entry('usage', 'No deployed sandbox has this address on this host.', 'the address of a deployed sandbox', 'run `sandform ps`, or deploy the stack first'),
  RUN_NOT_FOUND: entry('usage', 'No run record has this name.', 'the name of a run, or the path of its folder', 'run `sandform report` without a name to list the runs'),
  PORT_TAKEN: entry('usage', 'A port of the loopback address could not be listened on.', 'a free port', 'choose another port, or 0 for any that is free'),
  FILE_EXISTS: entry('usage', 'A file that was to be written is there already; nothing was written.', 'a place where no such file is', 'choose another folder or name, or move the file away'),

  // declarations
  APP_INVALID: entry('declaration', 'The declarations of an app hold mistakes; all are listed.', 'declarations without mistakes', 'correct each mistake listed'),
  PROP_INVALID: entry('declaration', 'A property of a construct has a value that cannot be used.', 'a value that the property takes', 'correct the property'),
  SPEC_INVALID: entry('declaration', 'A sandbox description does not fit its schema.', 'a document that fits the SandboxSpec schema', 'correct each path listed'),
  SPEC_VERSION: entry('declaration', 'A sandbox description was written by another generation of Sandform.', 'a schema version that this Sandform reads', 'use the Sandform that deployed it, or deploy the stack again'),
  SIZE_INVALID: entry('declaration', 'A size could not be read.', "a size such as '512MiB' or '1GiB', a whole number of bytes above zero", 'write a number and a unit: B, KiB, MiB, GiB, TiB'),
  DURATION_INVALID: entry('declaration', 'A duration could not be read.', "a duration such as '500ms', '5s', '30m', '2h' or '1d'", 'write a number and a unit: ms, s, m, h, d'),
  NAME_INVALID: entry('declaration', 'A name cannot be used on a host.', 'letters, digits, `.`, `_` and `-`, beginning with a letter or a digit, at most 63 characters', 'choose another name'),
  LABEL_INVALID: entry('declaration', 'A label cannot be used.', 'a key of letters, digits, `.`, `_`, `-` and `/` (at most 63 characters) and a value of at most 256 characters', 'choose another key or value'),
  SUBNET_INVALID: entry('declaration', 'A subnet could not be read or is too small.', 'an IPv4 network such as 10.88.3.0/24 with a prefix from /8 to /29 and no host bits set', 'correct the subnet'),
  HOOK_CONFIG_INVALID: entry('declaration', "A hook's configuration does not fit its schema.", "a configuration that fits the hook's schema", 'correct each path listed'),
  HOOK_NOT_SERIALIZABLE: entry('declaration', 'A hook given to a construct cannot be named for the runtime.', 'a Hook class with a `source`, or Hook reference to a package or project file', 'move the function to a file of the project and export it, or pass it to connect(...).observe({ hooks })'),
  IMAGE_MISSING: entry('declaration', 'An image file does not exist or cannot be read.', 'a readable disk image', 'correct the path, or build the guest with `npx sandform guest build NAME`'),
  IMAGE_NOT_A_DISK: entry('declaration', 'A file is not a disk image of a known format.', 'a qcow2 or raw disk image', 'look at the file with `qemu-img info`'),
  IMAGE_BACKED: entry('declaration', 'An image refers to another file as its backing file, which could be any file of the host.', 'an image without a backing file', 'flatten it with `qemu-img convert -O qcow2`'),
  IMAGE_UNLOCKED: entry('declaration', 'An image source is not pinned in sandform.lock.json as it is declared, where only pinned ones are allowed.', 'an entry in the lock for this very declaration', 'run `npx sandform images lock` and commit sandform.lock.json'),
  IMAGE_LOCK_INVALID: entry('declaration', 'The lock of the image sources cannot be read.', 'a sandform.lock.json that `sandform images lock` wrote', 'take it back from version control, or remove it and run `npx sandform images lock`'),

  PLAN_MISFIT: entry('declaration', 'What was synthesized does not fit the schema of the Terraform provider, or holds what does harm with it.', 'attributes that this generation of the provider takes', 'correct or take out the overrides that put them there'),
  XML_UNSUPPORTED: entry('declaration', 'This generation of the Terraform provider has no place for a part of the domain XML.', 'XML that the provider can carry', "take the XML override out, or set provider: '0.8' for the stack"),

  SEE_INVALID: entry('declaration', "A configuration of SEE holds mistakes; all are listed, and nothing was made.", 'configurations as python-see 1.3.7 and the releases before it read them', 'correct each mistake listed'),
  SEE_UNOFFERED: entry('declaration', 'A configuration of SEE asks for something that Sandform has nothing for.', 'what docs/see-migration.md lists', 'leave it out, or port it as docs/see-migration.md tells'),
  SEE_HOST_REACH: entry('declaration', 'A domain XML that served SEE as template opens a way from the guest into the host.', 'a template whose guest reaches nothing but its disks, networks and display', 'take it out of the template; or, where the guest is to have it, say `--trust-template`'),

  // host
  CAPABILITY_MISSING: entry('declaration', 'The hypervisor does not offer what was declared.', 'what the capability table in the README says that it offers', 'leave it out, or choose another hypervisor'),
  HOST_UNSUPPORTED: entry('host', 'This machine cannot do what was asked.', 'Linux with libvirt, as `sandform doctor` checks', 'run `sandform doctor`'),
  HOST_NOT_ROOT: entry('host', 'This needs root.', 'to be run as root', 'run it as root, for example with sudo'),
  HOST_IN_USE: entry('host', 'Guests run on the libvirt that was to be stopped.', 'a libvirt without running guests', 'destroy the stacks that they are of, or run `sandform reap STACK`; stop others with virsh'),
  HOST_START_FAILED: entry('host', "Sandform's own libvirt did not start.", 'libvirtd and virtlogd to start and answer', 'run `sandform doctor`; the logs named above tell more'),
  LIBVIRT_NOT_INSTALLED: entry('host', 'The libvirt client library is not installed.', 'libvirt.so.0', 'install libvirt (Debian: libvirt-clients libvirt-daemon-system)'),
  LIBVIRT_UNREACHABLE: entry('host', 'libvirt does not answer.', 'a running libvirt daemon at this URI', 'start libvirtd, run `sandform host up`, or set LIBVIRT_DEFAULT_URI; `sandform doctor` tells more'),
  LIBVIRT_LOST: entry('host', 'The connection to libvirt ended while it was in use.', 'libvirt to stay up', 'start libvirtd again; `sandform doctor` and `sandform reap --dry-run` tell what is left'),
  LIBVIRT_FAILED: entry('host', 'libvirt refused or failed a call.', 'libvirt to do what was asked', "libvirt's own message tells what it missed; `sandform doctor` may tell more"),
  LIBVIRT_NOT_FOUND: entry('host', 'libvirt has no domain, network, filter, pool, volume, snapshot or metadata of this name.', 'something that exists', 'list what there is with virsh; it may have been removed meanwhile'),
  LIBVIRT_UNSUPPORTED: entry('host', 'This libvirt or its driver cannot do what was asked.', 'a driver that can', 'use another hypervisor or a newer libvirt'),
  LIBVIRT_TIMEOUT: entry('host', 'A libvirt call did not end in its time.', 'an answer within the deadline', 'look whether the host is overloaded or the daemon hangs; `sandform doctor` tells more'),
  DOMAIN_NAME_TAKEN: entry('host', 'A domain that is not ours, or of another stack, has this name.', 'a free name, or a domain of this very sandbox', 'rename the sandbox or its stack, or remove that domain yourself'),
  TERRAFORM_MISSING: entry('host', 'Neither Terraform nor OpenTofu is installed.', 'terraform or tofu in PATH, or named by TERRAFORM_BINARY_NAME', 'install one of them, or have `npm run quickstart` in a checkout of Sandform build OpenTofu'),
  TERRAFORM_FAILED: entry('host', 'Terraform ended with an error.', 'Terraform to do what it planned', "its own message tells what it missed; `sandform doctor` may tell more"),
  NODE_OLD: entry('usage', 'This version of Node lacks what Sandform calls.', 'Node 22.19 to 24', 'install one of them, or have it come first in PATH'),
  CDK_MISSING: entry('usage', 'The CDK that declarations are made with is not installed.', "packages 'cdktf' and 'constructs', which are peers of Sandform", 'npm install cdktf constructs'),
  CDK_MIX: entry('declaration', 'The app is of another CDK than the one that Sandform uses.', 'one CDK for the app and Sandform', "in a project of CDK Terrain, have both names lead to it: npm install cdktf@npm:cdktn@^0.24.0"),
  STACK_DEPLOYED: entry('host', 'The stack is on the host already, deployed by a Terraform state that is lost or lies elsewhere.', 'a stack that this host does not hold yet', 'deploy with the state that deployed it, or remove what it left with `sandform reap STACK`'),
  NETWORK_NAME_TAKEN: entry('host', 'A network that is not ours, or of another stack, has this name.', 'a free name, or a network of this very stack', 'rename the network or its stack, or remove that network yourself'),
  NETWORK_SUBNET_TAKEN: entry('host', 'The subnet overlaps one that is in use.', 'a range that no network or route of the host uses', 'set subnet, or choose another range with the subnets prop of SandboxStack'),
  FILTER_NAME_TAKEN: entry('host', 'A network filter that is not ours, or of another sandbox, has this name.', 'a free name, or the filter of this very sandbox', 'remove that filter yourself with `virsh nwfilter-undefine`, or rename the sandbox'),
  EGRESS_NAME_UNKNOWN: entry('host', 'A name in an egress rule has no address.', 'a domain name that the deploying machine can look up', 'correct the name, or give its address'),
  NETWORK_RANGE_EXHAUSTED: entry('declaration', 'No free subnet is left in the range to pick from.', 'room for one more subnet in the range', 'widen the subnets prop of SandboxStack'),
  FIRMWARE_MISSING: entry('host', 'The host has no UEFI firmware for such a machine.', 'UEFI firmware that libvirt finds on the host', 'install it on the host (Debian: ovmf, for 64-bit Arm qemu-efi-aarch64)'),
  TPM_MISSING: entry('host', 'The host cannot emulate a TPM.', 'swtpm on the host', 'install it on the host (Debian: swtpm and swtpm-tools)'),
  POOL_UNUSABLE: entry('host', 'The storage pool of Sandform cannot be used.', 'an active directory pool', 'run `sandform doctor`'),
  HOST_BUSY: entry('host', 'Another process holds a lock of this host for too long.', 'the lock within the deadline', 'wait for the process that holds it, or end it'),
  DISK_FULL: entry('host', 'There is no room left on the disk.', 'enough free space', 'free some space; `sandform reap --dry-run` shows what Sandform could remove'),
  IMAGE_CHANGED: entry('host', 'An image is not the one that was declared at synth.', 'the very bytes that were declared', 'run synth and deploy again'),
  IMAGE_NOT_FOUND: entry('host', 'An image source holds no such image.', 'an image that is there', 'correct the source where it is declared'),
  IMAGE_VANISHED: entry('host', 'The pinned version of an image is gone from its source.', 'the version that sandform.lock.json pins', 'pin what is there now with `npx sandform images update NAME`, or put the version back'),
  IMAGE_DENIED: entry('host', 'An image source refuses the credentials, or there are none.', 'valid credentials of somebody who may read the image', 'set or renew the credentials; docs/images.md tells where they are looked for'),
  IMAGE_UNREACHABLE: entry('host', 'An image source cannot be reached, or fails again and again.', 'a source that answers', 'look at the network, proxy and address; what was fetched so far is kept, and the next attempt goes on from there'),
  IMAGE_WRONG_DIGEST: entry('host', 'What an image source sent is not what it should be; it was thrown away.', 'the bytes whose hash is declared, pinned or published', 'do not use that source until you know why; where the change is right, correct the digest or run `npx sandform images update NAME`'),
  IMAGE_TRUNCATED: entry('host', 'An image source sent fewer or more bytes than it said, again and again.', 'as many bytes as were announced', 'mend the server or proxy in between; nothing of it was used'),
  IMAGE_TOO_LARGE: entry('host', 'An image is larger than images may be.', 'an image within the limits that docs/images.md tells', 'where the image is right, raise SANDFORM_IMAGE_LIMIT, e.g. to 200GiB'),
  IMAGE_CONVERSION: entry('host', 'An image could not be unpacked or converted.', 'a whole image of a known format', 'look at the file with `qemu-img info`; fetch it anew, or publish it as qcow2'),
  ROOT_UNREADABLE: entry('host', 'A root filesystem cannot be read.', 'a tarball (plain, gz, xz or zst), or an OCI image with layers of those', 'make it anew; look at it with `tar tf`'),
  ROOT_UNSAFE: entry('host', 'A root filesystem holds what could reach beyond it.', 'paths and hard links within it, device nodes only below /dev, owners below 65536', 'distrust where it comes from; make it anew without what is named above'),
  ROOT_TOO_BIG: entry('host', 'A root filesystem unpacks to more than is taken.', 'at most 16 GiB in 2,000,000 entries, 256 folders deep', 'distrust where it comes from, or make it smaller'),
  CONTAINER_HOST: entry('host', 'Containers cannot be made or entered here.', 'libvirt on this machine, and root', 'run Sandform as root on the machine that libvirt runs on'),
  CONTAINER_FAILED: entry('host', 'A container did not start.', 'its first process to start', "look at libvirt's message; the program named by init must be in the root filesystem"),
  MACHINE_FAILED: entry('host', 'A machine could not be made.', 'a hypervisor that takes the machine', "look at libvirt's message; `sandform doctor` tells what the host lacks"),
  DRIVER_UNREACHABLE: entry('host', "libvirt's driver for a hypervisor does not answer.", 'the hypervisor, and libvirt with its driver, on the machine of the stack', 'install both, e.g. for VirtualBox libvirt-daemon-driver-vbox and for containers libvirt-daemon-driver-lxc, and restart libvirt; correct the uri of a hypervisor that is defined in code'),
  DRIVER_ELSEWHERE: entry('host', 'A hypervisor is not on the machine of the stack.', "the URI of another driver of the stack's own libvirt: on this machine with no transport but unix and nothing but ?socket=, elsewhere with the transport, host and parameters of the stack's URI", 'correct the uri that the hypervisor is defined with, or the one of the stack'),
  PROCESS_FAILED: entry('host', 'A program that Sandform started failed.', 'exit code 0', "the program's own message tells what it missed"),

  // lifecycle
  STATE_TRANSITION_ILLEGAL: entry('host', 'The sandbox is in a state that does not allow this.', 'a state that allows this transition', 'bring the sandbox into one of the states named'),
  STATE_TIMEOUT: entry('guest', 'The sandbox did not reach a state in its time.', 'the state within the deadline', 'use a longer timeout, or power it off'),
  SANDBOX_OFF: entry('guest', 'The sandbox is not running.', 'a running sandbox', 'power it on first'),
  SANDBOX_GONE: entry('guest', 'The sandbox ended while it was in use: killed by an operator, crashed, or shut down from inside.', 'a running sandbox', 'look at the timeline of the run; start it again with `sandform run`'),

  // guest access
  GUEST_NO_CHANNEL: entry('guest', 'The guest offers no channel for this.', 'a guest with an exec channel or a guest agent', 'choose another guest, or add the channel to it'),
  GUEST_UNREACHABLE: entry('guest', 'The guest did not answer in its time.', 'an answer within the deadline', 'use a longer timeout; the screenshot and console of the run tell what the guest was doing'),
  GUEST_FLOOD: entry('guest', 'The guest sent more than could be taken in.', 'no more than its reader takes', 'distrust the guest; where its output is wanted, read it faster'),
  GUEST_PROTOCOL: entry('guest', 'The guest answered something that makes no sense.', 'the answers of the Sandform guest program', 'rebuild the guest with `npx sandform guest build NAME --force`, or distrust it'),
  WAIT_IN_VAIN: entry('guest', 'A test waited for something in a sandbox that did not come.', 'it to come in time', 'look at console, screenshot and record, or give it more time'),
  CONSOLE_UNAVAILABLE: entry('guest', 'What the console printed was not kept.', 'a sandbox whose console is logged, as those are that Sandform deploys', 'deploy the sandbox again'),
  GUEST_PORT: entry('guest', 'A port inside the guest could not be reached.', 'something in the guest that listens there, and a guest whose SSH server may forward', 'look with `sandform exec STACK/SANDBOX -- netstat -ltn` what listens'),
  GUEST_FILE: entry('guest', 'A file could not be read or written in the guest.', 'a readable or writable path in the guest', 'look at the path and its permissions inside the guest'),
  SEE_AGENT: entry('guest', "SEE's agent in the guest did not do what it was asked.", "SEE's agent to answer on its port", 'look whether the agent runs in the guest and listens on an address that the host reaches'),
  SCREEN_UNAVAILABLE: entry('guest', 'No picture of the screen could be taken.', 'a running sandbox with a display', 'give the sandbox a display'),
  COMMAND_TIMEOUT: entry('guest', 'A command did not end in its time.', 'the command to end within its timeout', 'use a longer timeout'),
  COMMAND_FAILED: entry('guest', 'A command ended with another exit code than 0, or by a signal.', 'exit code 0', "look at the command's output in the record"),
  COMMAND_LOST: entry('guest', 'The connection to the guest ended while a command or a file transfer was under way.', 'the connection to stay up', 'look at the timeline of the run'),

  // hooks and runs
  HOOK_NOT_FOUND: entry('hook', 'A declared hook could not be loaded.', 'a package or project file that exports the hook', 'install the package, or run from the project that declared it'),
  HOOK_CHANGED: entry('hook', "A hook's file is not the one that was declared at deploy.", 'the very file that was declared', 'deploy the stack again'),
  HOOK_FAILED: entry('hook', 'A hook failed.', 'the hook to end without an error', "the hook's own message tells what it missed"),
  HOOK_DEADLINE: entry('hook', 'A hook did not end in its time.', 'the hook to end within its deadline', 'make the hook faster, or give it a longer deadline'),
  HOOK_FLOOD: entry('hook', 'A hook triggered more events or wrote more than a run may hold.', 'less than the limits of a run', 'make the hook quieter'),
  EVENT_INVALID: entry('hook', 'An event has no usable name.', 'a name of letters, digits, `_`, `-`, `.` and `:`, at most 100 characters', 'choose another name'),
  RECORD_UNREADABLE: entry('host', 'A run record cannot be read.', 'a folder with a run.json that fits its schema', 'name another run; `sandform report` lists those that can be read'),
  RECORD_UNWRITABLE: entry('host', 'A run record cannot be written.', 'a writable folder with room', 'free some space, or choose another folder with SANDFORM_RUNS'),

  // companion, reap
  COMPANION_INPUT: entry('internal', 'The companion got input that it does not understand.', 'input written by the constructs of the same Sandform', 'synth and deploy with the Sandform that is installed'),
  REAP_INCOMPLETE: entry('host', 'Some things could not be removed.', 'everything to be removed', 'mend what is named above and run `sandform reap` again'),
  INTERRUPTED: entry('usage', 'It was interrupted by a signal.', 'to be left to its end', 'run it again'),
  INTERNAL: entry('internal', 'Sandform itself has a defect.', 'not to happen', 'please report it with the message above'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
