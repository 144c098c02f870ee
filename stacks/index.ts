import './require-cdk';

export { SandboxStack, type SandboxStackProps } from './sandbox-stack';
