export { CAPABILITIES, type Capability, type CapabilityKind, type CapabilityName, DECLARABLE_CAPABILITIES, type RunsOn, type TabledHypervisor, lackOf, whyNotOffered } from './capabilities';
export { mustOffer } from './must-offer';
export { SESSION_FIX, SESSION_LOSSES, type SessionLoss, type SessionLossName } from './session';
