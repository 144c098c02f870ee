export {
  COMPANION_CALLS,
  COMPANION_ENVIRONMENT,
  COMPANION_SCHEMA_VERSION,
  CompanionInput,
  CompanionMoment,
  ConductInput,
  DomainInput,
  ImageInput,
  NetworkInput,
  NetworkOwnership,
  ReleaseInput,
  SandboxOwnership,
} from './companion-input';
