export { printable } from './printable';
