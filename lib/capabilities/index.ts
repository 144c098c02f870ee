export { CAPABILITIES, type Capability, type CapabilityKind, type CapabilityName, DECLARABLE_CAPABILITIES, type TabledHypervisor, whyNotOffered } from './capabilities';
export { SESSION_FIX, SESSION_LOSSES, type SessionLoss, type SessionLossName } from './session';
