export { AdHocProject } from './ad-hoc-project';
export { clearAbandoned } from './clear-abandoned';
export { guestOf } from './guest-of';
export { pickSubnet } from './pick-subnet';
