/** What a removed thing is. */
export type ReapedKind = 'process' | 'marker' | 'domain' | 'volume' | 'root' | 'folder' | 'network' | 'reservation' | 'filter' | 'note' | 'image' | 'lock' | 'run';

/** One thing that is, or would be, removed. */
export interface ReapedThing {
  readonly kind: ReapedKind;
  readonly name: string;
  /** The stack that it belongs to, where it is of one. */
  readonly stack?: string;
}

/** A thing and how to remove it. */
export interface ReapItem extends ReapedThing {
  /** False where it turned out that it must stay. Fine where it is gone already. */
  readonly remove: () => Promise<unknown>;
  /** Name of a domain that must be gone before. */
  readonly after?: string;
}
