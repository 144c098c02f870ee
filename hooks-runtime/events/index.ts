export { EventBus, type EventBusOptions, type EventHandler, type HandlerFailure, type SubscribeOptions, type Unsubscribe } from './event-bus';
export { type EventLimits, DEFAULT_LIMITS } from './event-limits';
