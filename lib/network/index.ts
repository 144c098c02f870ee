export { type IpRange, LINK_LOCAL, eui64Address, ipRange, rangeText, rangesOverlap } from './ip-range';
export { Subnet } from './subnet';
