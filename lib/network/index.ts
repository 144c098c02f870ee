export { Subnet } from './subnet';
