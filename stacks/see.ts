import { Guest, Image, Sandbox, SandboxNetwork } from '../constructs';
import { type ImageDeclaration, type SeeDeclaration, ownNetworkProps } from '../lib/see';
import type { SandboxStack } from './sandbox-stack';

/** Declares the sandbox of a translated configuration of SEE: what `sandform see import` writes as a program. Hooks are the run's. */
export function declareSee(stack: SandboxStack, name: string, declaration: SeeDeclaration): Sandbox {
  const { image, kernel = {}, arch, agent, memory, vcpus, machine, accelerator, display, disks, xmlOverrides } = declaration;
  const networks = declaration.networks.map((network, index) => {
    const id = index === 0 ? 'net' : `net${index + 1}`;
    return 'existing' in network ? SandboxNetwork.fromName(stack, id, network.existing) : new SandboxNetwork(stack, id, ownNetworkProps(network));
  });
  return new Sandbox(stack, name, {
    guest: Guest.fromImage(imageOf(image), { agent, arch, ...kernel }),
    ...{ memory, vcpus, display, xmlOverrides, power: 'managed' },
    ...(machine === undefined ? {} : { machine }),
    ...(accelerator === undefined ? {} : { accelerator }),
    disks: disks.map((disk) => ({ ...disk, image: imageOf(disk.image) })),
    ...(networks.length === 0 ? {} : { networks, egress: 'open' }),
  });
}

/** Sources that are not translated were refused before. */
function imageOf(image: ImageDeclaration): Image {
  return Image.fromPath(image.from === 'path' ? image.path : '', image.from === 'path' ? { format: image.format } : {});
}
