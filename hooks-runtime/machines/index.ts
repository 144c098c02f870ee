export { type MachineRequest, makeMachine, removeMachine, removeMachineDisks } from './machine';
