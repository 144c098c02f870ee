// For stacks, and for nobody else: what the constructs of one stack share.
export { refuseMistakes } from '../mistakes';
export { inOnePass } from '../pass';
export { StackContext, type StackSettings } from '../stack-context';
