// For stacks, and for nobody else: what the constructs of one stack share.
export { refuseMistakes } from '../mistakes';
export { StackContext, type StackSettings } from '../stack-context';
