export { CAPABILITIES, type Capability, type CapabilityKind, type CapabilityName, whyNotOffered } from './capabilities';
