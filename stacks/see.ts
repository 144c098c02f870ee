import { Guest, Image, RootFilesystem, Sandbox, type SandboxProps, SandboxNetwork } from '../constructs';
import { type ImageDeclaration, type SeeContainer, type SeeDeclaration, type SeeMachine, type SeeVirtualBox, mountSource, ownNetworkProps } from '../lib/see';
import type { SandboxStack } from './sandbox-stack';

/** Declares the sandbox of a translated configuration of SEE: what `sandform see import` writes as a program. Hooks are the run's. */
export function declareSee(stack: SandboxStack, name: string, declaration: SeeDeclaration): Sandbox {
  const { memory, vcpus } = declaration;
  const networks = declaration.networks.map((network, index) => {
    const id = index === 0 ? 'net' : `net${index + 1}`;
    return 'existing' in network ? SandboxNetwork.fromName(stack, id, network.existing) : new SandboxNetwork(stack, id, ownNetworkProps(network));
  });
  return new Sandbox(stack, name, {
    ...propsOf(declaration, stack.node.id),
    ...{ memory, vcpus, power: 'managed' },
    ...(networks.length === 0 ? {} : { networks, egress: 'open' }),
  });
}

function propsOf(declaration: SeeDeclaration, stack: string): SandboxProps {
  if (declaration.hypervisor === 'lxc') return containerProps(declaration, stack);
  return declaration.hypervisor === 'vbox' ? virtualBoxProps(declaration) : machineProps(declaration);
}

function machineProps({ image, kernel, arch, agent, machine, accelerator, display, disks, xmlOverrides }: SeeMachine): SandboxProps {
  return {
    guest: Guest.fromImage(imageOf(image), { agent, arch, ...kernel }),
    ...{ display, xmlOverrides },
    ...(machine === undefined ? {} : { machine }),
    ...(accelerator === undefined ? {} : { accelerator }),
    disks: disks.map((disk) => ({ ...disk, image: imageOf(disk.image) })),
  };
}

function virtualBoxProps({ image, arch, display }: SeeVirtualBox): SandboxProps {
  return { guest: Guest.virtualBox(imageOf(image), { arch }), display };
}

function containerProps({ root, init, arch, mounts }: SeeContainer, stack: string): SandboxProps {
  return {
    guest: Guest.container(RootFilesystem.fromDirectory(root), { init, arch }),
    mounts: mounts.map((mount) => ({ source: mountSource(mount, stack), target: mount.target, readonly: mount.readonly })),
  };
}

function imageOf(image: ImageDeclaration): Image {
  if (image.from === 'glance') return Image.fromGlance(image.choice, image.options);
  if (image.from === 's3') return Image.fromS3(image.choice, image.options);
  return Image.fromPath(image.path, { format: image.format });
}
