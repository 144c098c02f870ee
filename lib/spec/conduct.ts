import { type Static, Type } from '../schema';
import { Egress } from './egress';

const closed = { additionalProperties: false } as const;

/** Names a hook: by package and export, or by a file of the project with its digest. Never carries code. */
export const HookReference = Type.Object(
  {
    /** Unique within the sandbox; how records and errors call it. */
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$' }),
    from: Type.Union([
      Type.Object({ package: Type.String({ pattern: '^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*(/[A-Za-z0-9._/-]+)?$', maxLength: 214 }), export: Type.String({ pattern: '^[A-Za-z_$][A-Za-z0-9_$]*$' }) }, closed),
      Type.Object(
        {
          /** Relative to the project's folder (where cdktf.json lies), with forward slashes, never leaving it. */
          file: Type.String({ pattern: '^(?!/)(?!.*(^|/)\\.\\.(/|$))[^\\\\\\u0000]+$' }),
          digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
          export: Type.String({ pattern: '^[A-Za-z_$][A-Za-z0-9_$]*$' }),
        },
        closed,
      ),
    ]),
    /** Checked against the hook's own schema before it is attached. */
    config: Type.Record(Type.String(), Type.Unknown()),
    /** Milliseconds that one handler of the hook may take. */
    deadline: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  closed,
);
export type HookReference = Static<typeof HookReference>;

/** `on`: runs from deploy to destroy. `managed`: off until a run powers it on, off again after the run. */
export const PowerPolicy = Type.Union([Type.Literal('on'), Type.Literal('managed')]);
export type PowerPolicy = Static<typeof PowerPolicy>;

/** What of a sandbox may change while it lives, without the guest noticing: written by the companion. */
export const Conduct = Type.Object(
  {
    labels: Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$' }), Type.String({ maxLength: 256 })),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    /** Milliseconds from birth until the reaper may take it; without it, it lives until it is destroyed. */
    ttl: Type.Optional(Type.Integer({ minimum: 1 })),
    power: PowerPolicy,
    hooks: Type.Array(HookReference),
    /** What the guest may reach; absent where it has no NIC. */
    egress: Type.Optional(Egress),
  },
  { ...closed, $id: 'Conduct' },
);
/** What of a sandbox may change while it lives. Durations in milliseconds. */
export type Conduct = Static<typeof Conduct>;
