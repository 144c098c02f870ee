/** Why a native call failed, in a form that crosses threads. */
export type Failure =
  | {
      readonly kind: 'libvirt';
      /** virErrorNumber. */
      readonly code: number;
      /** virErrorDomain: the part of libvirt that failed. */
      readonly domain: number;
      readonly message: string;
      /** Whether the connection was still alive afterwards. */
      readonly connected: boolean;
    }
  | { readonly kind: 'no-library'; readonly message: string }
  | { readonly kind: 'no-function'; readonly name: string; readonly library: string }
  /** A guest sent more than `limit` bytes that its reader did not take. */
  | { readonly kind: 'flood'; readonly limit: number }
  | { readonly kind: 'defect'; readonly message: string };

/** Carries a {@link Failure} up to the border of a thread. Never leaves this room. */
export class CallFailure extends Error {
  constructor(readonly failure: Failure) {
    super('message' in failure ? failure.message : failure.kind);
  }
}
