import type { Access } from './access-record';

const MINUTE_MS = 60_000;
/** Further ones of a minute are counted by their action alone. */
const KINDS_MAX = 100;

interface Refused {
  readonly access: Access;
  times: number;
}

/**
 * Refusals of one minute: the first of its kind is recorded at once, further ones are counted. So who
 * asks without end fills no disk.
 */
export class Refusals {
  private minute = 0;
  private kinds = new Map<string, Refused>();

  /** What is to be recorded now. */
  add(access: Access, nowMs: number): readonly (Access & { readonly times: number })[] {
    const due = this.due(nowMs);
    const { subject, address, action } = access;
    const own = JSON.stringify([subject, address, action]);
    const isOne = this.kinds.has(own) || this.kinds.size < KINDS_MAX;
    const kind = isOne ? own : JSON.stringify([action]);
    const known = this.kinds.get(kind);
    if (known) {
      known.times += 1;
      return due;
    }
    const first = isOne ? access : manyOf(access);
    this.kinds.set(kind, { access: first, times: 0 });
    return [...due, { ...first, times: 1 }];
  }

  /** The counts of minutes that are over. */
  due(nowMs: number): readonly (Access & { readonly times: number })[] {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute === this.minute) return [];
    const over = [...this.kinds.values()].filter(({ times }) => times > 0);
    this.minute = minute;
    this.kinds = new Map();
    return over.map(({ access, times }) => ({ ...access, times }));
  }
}

const manyOf = (access: Access): Access => ({
  ...access,
  ...{ subject: 'several', roles: '', through: null, address: null, trace: null },
  ...{ institution: null, person: null, thing: null, purpose: null },
});
