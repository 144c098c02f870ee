import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import type { SandformError } from '../lib';
import { Mistakes } from './mistakes';

const KEY = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/;
const LONGEST_VALUE = 256;

/**
 * Labels that every sandbox in a scope carries, as `sandform ps` and `sandform reap` select by them. A label nearer to the
 * sandbox wins.
 *
 * ```ts
 * Labels.of(app).add('team', 'malware');
 * ```
 */
export class Labels {
  private readonly own = new Map<string, string>();

  private constructor(private readonly scope: IConstruct) {
    Mistakes.of(scope).check(() => [...this.own].flatMap(([key, value]) => this.mistakesIn(key, value)));
  }

  static of(scope: IConstruct): Labels {
    const labels = all.get(scope) ?? new Labels(scope);
    all.set(scope, labels);
    return labels;
  }

  /** Adds a label, or changes its value. */
  add(key: string, value: string): this {
    this.own.set(key, value);
    return this;
  }

  /** All labels that hold here: those of the scopes around, then its own. */
  get effective(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.scope.node.scopes.flatMap((scope) => [...(all.get(scope)?.own ?? [])]));
  }

  private mistakesIn(key: string, value: unknown): SandformError[] {
    const mistakes = Mistakes.of(this.scope);
    const valueFits = typeof value === 'string' && (Token.isUnresolved(value) || (value.length <= LONGEST_VALUE && value.isWellFormed()));
    return KEY.test(key) && valueFits ? [] : [mistakes.mistake('LABEL_INVALID', 'labels', { given: { [key]: value } })];
  }
}

const all = new WeakMap<IConstruct, Labels>();
