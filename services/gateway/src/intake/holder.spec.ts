import { twinTokensOf } from '@caretab/host';
import { MemoryStore } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import fc from 'fast-check';
import { hl7, NO_BUDGET, translated } from '../../test/gateway';
import { holderSuite } from '../../test/holder.suite';
import { IdentityClient } from './identity.adapter';

const PERSON = 'p-00000000-0000-4000-8000-000000000001';
const CARD = { type: 'qr', value: 'QR-1' } as const;

describe('the holder', () => holderSuite(async () => new MemoryStore()));

const identityThat = (answer: (body: { holder?: object }) => Response) => {
  const asked: { holder?: object }[] = [];
  const client = new IdentityClient(
    {
      url: 'http://identity',
      asked: 'identity',
      tokens: twinTokensOf('gateway'),
      timers: { sleep: async () => undefined },
      fetch: async (_url: unknown, init?: { body?: unknown }) => {
        asked.push(JSON.parse(String(init?.body)) as { holder?: object });
        return answer(asked.at(-1)!);
      },
    },
    fixedClock('2026-03-02T08:00:00Z'),
    NO_BUDGET,
  );
  return { client, asked };
};

test('a holder costs no question of its own, and charges with the same one ask nothing', async () => {
  const { client, asked } = identityThat(() =>
    Response.json({ personId: PERSON, differs: ['sex', 'shoe size'] }),
  );
  const holder = { names: ['某人'] };
  const whose = { personId: PERSON, differs: ['sex'] };
  expect(await client.personOf(CARD, { institutionId: 'HZ001', fresh: true, holder })).toEqual(
    whose,
  );
  expect(await client.personOf(CARD, { institutionId: 'HZ001', fresh: false, holder })).toEqual(
    whose,
  );
  expect(await client.personOf(CARD, { institutionId: 'HZ001', fresh: false })).toEqual({
    personId: PERSON,
    differs: [],
  });
  expect(asked).toEqual([{ ...CARD, holder }]);
});

test('while identity is away, a charge with another holder goes on by the credential', async () => {
  let isAway = false;
  const { client } = identityThat(() =>
    isAway ? new Response('', { status: 503 }) : Response.json({ personId: PERSON, differs: [] }),
  );
  await client.personOf(CARD, { institutionId: 'HZ001', fresh: true, holder: { sex: 'male' } });
  isAway = true;
  const holder = { sex: 'female' } as const;
  expect(
    await client.personOf(CARD, { institutionId: 'HZ001', fresh: false, holder }),
  ).toMatchObject({
    personId: PERSON,
  });
  await expect(
    client.personOf(CARD, { institutionId: 'HZ001', fresh: true, holder }),
  ).rejects.toMatchObject({
    code: 'IDENTITY_UNAVAILABLE',
  });
});

test('an older identity that refuses a holder is asked without', async () => {
  const { client } = identityThat(({ holder }) =>
    holder
      ? Response.json({ code: 'REQUEST_INVALID' }, { status: 400 })
      : Response.json({ personId: PERSON }),
  );
  expect(
    await client.personOf(CARD, { institutionId: 'HZ001', fresh: true, holder: { sex: 'male' } }),
  ).toEqual({
    personId: PERSON,
    differs: [],
  });
});

test.each([
  [
    { 5: '周^伟~ZHOU^WEI', 7: '19941106', 8: 'M' },
    ['周伟', '伟周', 'ZHOU WEI', 'WEI ZHOU'],
    'male',
  ],
  [{ 5: '周伟', 7: '1994', 8: 'U' }, ['周伟'], undefined],
])('PID says whom it is about: %j', (pid, names, sex) => {
  const { holder } = translated(hl7('ADT^A04', { pid }));
  expect(holder).toMatchObject({ names, ...(sex && { sex }) });
  expect('sex' in holder!).toBe(sex !== undefined);
});

test.each<[string, 'male' | 'female' | undefined]>([
  ['M', 'male'],
  ['1', 'male'],
  ['F^Female^HL70001', 'female'],
  ['2', 'female'],
  ...['O', 'U', 'A', 'N', '0', '9', '', '""'].map((code): [string, undefined] => [code, undefined]),
])('PID-8 %j is a code that is understood', (code, sex) => {
  const { holder, warnings } = translated(hl7('ADT^A04', { pid: { 8: code } }));
  expect(holder?.sex).toBe(sex);
  expect(warnings).toBeUndefined();
});

test.each(['X', '3', '女', 'm', '01'])(
  'PID-8 %j is told as a warning with the codes that are understood',
  (code) => {
    const { holder, warnings } = translated(hl7('ADT^A04', { pid: { 8: code } }));
    expect(holder?.sex).toBeUndefined();
    expect(warnings).toEqual([
      {
        field: 'PID-8',
        code: 'SEX_CODE_UNKNOWN',
        why: expect.stringContaining('not compared'),
        remedy: 'send one of M, 1, F, 2, O, U, A, N, 0, 9, or leave PID-8 empty',
      },
    ]);
    expect(translated(hl7('ADT^A04', { pid: { 8: code } }), { holder: 'ignore' }).warnings).toBe(
      undefined,
    );
  },
);

test('whatever stands in PID-5, PID-7 and PID-8, no message is refused for it', () => {
  const text = fc.string().map((any) => any.replace(/[\r\n\0|\\]/g, ' '));
  fc.assert(
    fc.property(text, text, text, (name, birthDate, sex) => {
      const { holder } = translated(hl7('ADT^A04', { pid: { 5: name, 7: birthDate, 8: sex } }));
      for (const one of holder?.names ?? []) expect(one.length).toBeLessThanOrEqual(200);
    }),
  );
});

test.each([
  ['1994', '1994'],
  ['199411', '1994-11'],
  ['19940000', '1994'],
  ['19941100', '1994-11'],
  ['19940101^Y', '1994'],
  ['19941101^L', '1994-11'],
  ['1994-11-06', '1994-11-06'],
  ['199411060830+0800', '1994-11-06'],
  ['19941306', undefined],
  ['19940230', undefined],
  ['06.11.1994', undefined],
  ['1994110', undefined],
])('PID-7 %s is as exact as it is sent: %s', (text, birthDate) =>
  expect(translated(hl7('ADT^A04', { pid: { 7: text } })).holder?.birthDate).toBe(birthDate),
);

test.each(['UNKNOWN^UNKNOWN', '不详^不详', '^UNKNOWN', 'DOE^JOHN', '-^-', '无名氏~UNKNOWN'])(
  'PID-5 %s names no one',
  (name) =>
    expect(translated(hl7('ADT^A04', { name })).holder).toEqual({
      birthDate: '1949-12-31',
      sex: 'female',
    }),
);

test('a name beside a placeholder is a name', () =>
  expect(translated(hl7('ADT^A04', { name: 'UNKNOWN^^^^^^U~周^伟' })).holder).toMatchObject({
    names: ['周伟', '伟周'],
  }));
