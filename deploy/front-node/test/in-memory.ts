import { CodeSigner } from '@caretab/security';
import { Codes } from '../src/codes';
import { Forwarder } from '../src/forwarder';
import { Messages } from '../src/messages';
import type { Question, Said } from '../src/platform';
import { type Entry, State } from '../src/state';

export const PERSON = 'p-00000000-0000-4000-8000-000000000001';
export const CARD = 'ab'.repeat(32);

/** What a platform takes and says, in memory: by key, and which codes were shown for what. */
export class PlatformTwin {
  readonly took: Question[] = [];
  readonly used = new Map<string, string>();
  readonly answers = new Map<string, Said>();
  isAway = false;

  get standing(): { readonly isThere: boolean } {
    return { isThere: !this.isAway };
  }

  async ask(question: Question): Promise<Said> {
    if (this.isAway) return { outcome: 'away', why: 'no answer' };
    const key = question.headers?.['idempotency-key'];
    const said = key === undefined ? undefined : this.answers.get(key);
    if (said) return said;
    if (question.path === '/v1/persons/resolve') return this.resolve(question.body);
    this.took.push(question);
    return { outcome: 'answered', status: 202, body: { visitId: 'V' } };
  }

  private resolve(body: any): Said {
    const use = body.visitNumber ?? `none ${this.used.size}`;
    const before = this.used.get(body.value) ?? use;
    if (before !== use)
      return { outcome: 'answered', status: 403, body: { code: 'CODE_USED', details: [] } };
    this.used.set(body.value, use);
    return { outcome: 'answered', status: 200, body: { personId: PERSON } };
  }
}

/** A node without disk and network; `platform` may be another's too. */
export const nodeInMemory = (platform = new PlatformTwin(), { messagesMax = 100 } = {}) => {
  const time = { ms: Date.parse('2026-03-02T00:00:00Z') };
  const state = new State();
  const disk = { isFull: false };
  const journal = {
    append: async (entry: Entry): Promise<void> => {
      if (disk.isFull) throw new Error('ENOSPC');
      state.apply(entry);
    },
  };
  const signer = new CodeSigner(Buffer.alloc(32, 7), 'aes');
  const refused = new Set<string>();
  const lists = {
    keys: [signer.key],
    ages: {},
    isRefused: (_type: string, number: string) => refused.has(number),
    refreshKeys: async () => !platform.isAway,
  };
  const clock = { now: () => new Date(time.ms) };
  const codes = new Codes({ journal, state, lists, clock, platform });
  const started = performance.now();
  const now = (): number => time.ms + performance.now() - started;
  const forwarder = new Forwarder({ journal, state, platform, now, chance: () => 0 });
  const messages = new Messages({
    ...{ journal, state, codes, forwarder, institutionId: 'HZ001', messagesMax, now },
    ...{ bytesMax: 1_000_000, waitMs: 500, isThere: () => !platform.isAway },
  });
  let nonces = 0;
  const code = ({ cardNumber = CARD, goodMs = 60_000 } = {}): string =>
    signer.dynamic({
      ...{ cardNumber, application: 'app', nonce: String(++nonces).padStart(32, '0') },
      expiresAt: new Date(time.ms + goodMs),
    });
  return { platform, state, disk, codes, forwarder, messages, code, refused, time };
};
