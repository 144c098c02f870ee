export { SandboxStack, type SandboxStackProps } from './sandbox-stack';
