import type { DomainError } from '@caretab/kernel';
import { CARD, nodeInMemory, PERSON } from '../test/in-memory';

const codeOf = async (asked: Promise<unknown>): Promise<unknown> => {
  try {
    const { status, body } = (await asked) as { readonly status: number; readonly body: any };
    return body?.code ?? status;
  } catch (error) {
    return (error as DomainError).code;
  }
};
const qr = (value: string, visitNumber?: string) =>
  ({ type: 'qr', value, ...(visitNumber !== undefined && { visitNumber }) }) as const;

test('a code is good once at a node: for the same visit again, for another never, online and offline', async () => {
  for (const isAway of [false, true]) {
    const { codes, code, platform } = nodeInMemory();
    platform.isAway = isAway;
    const one = code();
    const { body } = await codes.read(qr(one, 'V1'));
    expect(body).toMatchObject({ verified: true, offline: isAway });
    expect((await codes.read(qr(one, 'V1'))).body).toMatchObject({ verified: true });
    for (const other of [qr(one, 'V2'), qr(one)])
      expect(await codeOf(codes.read(other))).toBe('CODE_USED');
    const bare = code();
    const both = await Promise.all([1, 2, 3].map(() => codeOf(codes.read(qr(bare)))));
    expect(both.sort()).toEqual([200, 'CODE_USED', 'CODE_USED']);
  }
});

test('expired, of the future, changed, or of a card that is refused: none is taken, and none used up', async () => {
  const { codes, code, platform, refused, state } = nodeInMemory();
  platform.isAway = true;
  const lost = 'cd'.repeat(32);
  refused.add(lost);
  for (const [shown, why] of [
    [code({ goodMs: -6_000 }), 'CODE_EXPIRED'],
    [code({ goodMs: 120_000 }), 'CODE_EXPIRED'],
    [code().replace(':app:', ':apq:'), 'CODE_NOT_VERIFIED'],
    [code({ cardNumber: lost }), 'CARD_NOT_VALID'],
    [`${lost}:1`, 'CARD_NOT_VALID'],
    [`${CARD}:1`, 'PLATFORM_UNAVAILABLE'],
  ] as const)
    expect(await codeOf(codes.read(qr(shown)))).toBe(why);
  expect(state.reads.size).toBe(0);
});

test('of two nodes that took one code offline, the later learns of it when it synchronises', async () => {
  const one = nodeInMemory();
  const other = nodeInMemory(one.platform);
  one.platform.isAway = true;
  const code = one.code();
  for (const { codes } of [one, other])
    expect((await codes.read(qr(code))).body).toMatchObject({ verified: true, offline: true });
  expect(await one.codes.synchronise()).toBe(0);
  one.platform.isAway = false;
  expect([await one.codes.synchronise(), await other.codes.synchronise()]).toEqual([1, 1]);
  expect([one.codes.usedElsewhere.length, other.codes.usedElsewhere.length]).toEqual([0, 1]);
  expect((await one.codes.synchronise()) + (await other.codes.synchronise())).toBe(0);
  expect([...other.state.reads.values()].map((read) => read.code)).toEqual(['']);
});

test('a code opens the visit that it was read for; one that is known names its person', async () => {
  const { codes, code, platform, time } = nodeInMemory();
  platform.isAway = true;
  const [read, fresh] = [code(), code()];
  await codes.read(qr(read, 'V1'));
  const readAt = new Date(time.ms).toISOString();
  time.ms += 300_000;
  expect(await codes.opening(qr(read), 'V1', 'key-1')).toEqual({ readAt });
  expect(await codeOf(codes.opening(qr(read), 'V2', 'key-2'))).toBe('CODE_USED');
  expect(await codeOf(codes.opening(qr(fresh), 'V3', 'key-3'))).toBe('CODE_EXPIRED');
  platform.isAway = false;
  const bare = code();
  await codes.read(qr(bare));
  expect(await codes.opening(qr(bare), 'V4', 'key-4')).toEqual({ personId: PERSON });
});

test('a code of another issuer is refused while its issuer cannot be asked', async () => {
  const { codes, platform } = nodeInMemory();
  const issued = { type: 'insurance-code', value: 'T-1' } as const;
  expect(await codes.opening(issued, 'V1', 'key-1')).toEqual({});
  platform.isAway = true;
  expect(await codeOf(codes.opening(issued, 'V1', 'key-1'))).toBe('PLATFORM_UNAVAILABLE');
});
