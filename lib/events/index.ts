export { TRANSITIONS, type EventData, type SandboxEvent, type SandformEvents, type Transition, isEventName } from './event-map';
