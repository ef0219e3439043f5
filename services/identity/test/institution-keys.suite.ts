import { DEFAULT_KEY_SCOPES, KEY_SCOPES } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import type { Store } from '@caretab/store';
import { institutionKeyTable } from '../src/institution/institution-key.table';
import { InstitutionKeys } from '../src/institution/institution-keys';
import { Institutions } from '../src/institution/institutions';

const DAY_MS = 86_400_000;
const HOSPITAL = { name: 'First Hospital', level: 'level-3' } as const;
const REFUSED = { code: 'INSTITUTION_UNKNOWN' };

const given = async (open: () => Promise<Store>) => {
  const store = await open();
  const clock = fixedClock('2026-03-02T08:00:00Z');
  const keys = new InstitutionKeys({ store, clock });
  const institutions = new Institutions({ store, clock, keys });
  const first = (await institutions.put('H1', HOSPITAL)).apiKey!;
  const speaks = (apiKey: string) => institutions.authenticate({ apiKey });
  const list = () => keys.list({ institutionId: 'H1' });
  return { store, clock, keys, institutions, first, speaks, list };
};

/** What holds of institutions’ keys on any store. */
export const institutionKeysSuite = (open: () => Promise<Store>): void => {
  test('two keys are good at a time, so that a hospital changes them without an outage', async () => {
    const { keys, first, speaks, list } = await given(open);
    const next = await keys.issue('H1', {});
    for (const apiKey of [first, next.apiKey])
      expect(await speaks(apiKey)).toMatchObject({ institutionId: 'H1' });
    await expect(keys.issue('H1', {})).rejects.toMatchObject({ code: 'API_KEYS_TOO_MANY' });
    const old = (await list()).find(({ keyId }) => keyId !== next.keyId)!;
    await keys.end('H1', old.keyId);
    await keys.end('H1', old.keyId);
    await expect(speaks(first)).rejects.toMatchObject(REFUSED);
    expect(await speaks(next.apiKey)).toMatchObject({ institutionId: 'H1' });
    await keys.issue('H1', {});
    await expect(keys.end('H2', next.keyId)).rejects.toMatchObject({ code: 'API_KEY_UNKNOWN' });
    await expect(keys.issue('H2', {})).rejects.toMatchObject(REFUSED);
  });

  test('a key ends after a year, or after as many days as were asked for', async () => {
    const { clock, keys, first, speaks } = await given(open);
    const short = await keys.issue('H1', { days: 31 });
    expect(short.endsAt).toEqual(new Date(clock.now().getTime() + 31 * DAY_MS));
    expect(await keys.countEnding(30)).toBe(0);
    clock.advance(2 * DAY_MS);
    expect(await keys.countEnding(30)).toBe(1);
    expect(await keys.list({ endingDays: 30 })).toMatchObject([{ keyId: short.keyId }]);
    clock.advance(29 * DAY_MS);
    await expect(speaks(short.apiKey)).rejects.toMatchObject(REFUSED);
    // A key that has passed its end takes no place.
    await keys.issue('H1', {});
    clock.advance(333 * DAY_MS);
    await speaks(first);
    clock.advance(DAY_MS);
    await expect(speaks(first)).rejects.toMatchObject(REFUSED);
  });

  test('a key that is for less than everything says so; what is listed is never the key', async () => {
    const { clock, keys, first, speaks, list } = await given(open);
    const { apiKey, keyId } = await keys.issue('H1', { scopes: ['read'] });
    expect(await speaks(apiKey)).toMatchObject({ scopes: ['read'] });
    expect(await speaks(first)).toMatchObject({ scopes: DEFAULT_KEY_SCOPES });
    expect(DEFAULT_KEY_SCOPES).not.toContain('activate');
    const listed = (await list()).find((key) => key.keyId === keyId)!;
    expect(listed).toEqual({
      ...{ keyId, institutionId: 'H1', prefix: apiKey.slice(0, 8), scopes: ['read'] },
      ...{ madeAt: clock.now(), usedAt: clock.now() },
      endsAt: new Date(clock.now().getTime() + 365 * DAY_MS),
    });
    expect(JSON.stringify(await list())).not.toContain(apiKey.slice(0, 16));
    await keys.end('H1', keyId);
    const kiosk = await keys.issue('H1', { scopes: KEY_SCOPES });
    expect(await speaks(kiosk.apiKey)).toMatchObject({ scopes: KEY_SCOPES });
  });

  test('the last use is kept to the minute, and costs no statement more often', async () => {
    const { store, clock, first, speaks, list } = await given(open);
    const usedAt = async () => (await list())[0]!.usedAt;
    expect(await usedAt()).toBeUndefined();
    await speaks(first);
    const used = clock.now();
    clock.advance(59_000);
    await speaks(first);
    expect(await usedAt()).toEqual(used);
    clock.advance(1_000);
    await speaks(first);
    expect(await usedAt()).toEqual(clock.now());
    expect(
      await store.transact((transaction) => transaction.rows(institutionKeyTable).count({})),
    ).toBe(1);
  });

  test('after a leak one renewal ends every key there was, and no ended key comes back', async () => {
    const { keys, institutions, first, speaks, list } = await given(open);
    const next = await keys.issue('H1', {});
    const { apiKey } = await keys.replaceAll('H1');
    for (const ended of [first, next.apiKey])
      await expect(speaks(ended)).rejects.toMatchObject(REFUSED);
    expect(await speaks(apiKey)).toMatchObject({ institutionId: 'H1' });
    expect((await list()).filter(({ endedAt }) => endedAt)).toHaveLength(2);
    expect((await keys.voidFor(60_000)).map(({ subject }) => subject)).toHaveLength(2);
    const details = { ...HOSPITAL, apiKey: first, approvedBy: 'op-2' };
    await expect(institutions.put('H1', details)).rejects.toMatchObject({ code: 'API_KEY_CHOSEN' });
  });

  test('in rehearsals a key may be chosen: it is one institution’s, and an ended one stays ended', async () => {
    const { store, clock, keys } = await given(open);
    const rehearsal = new Institutions({ store, clock, keys, takesChosenKeys: true });
    const chosen = 'k'.repeat(24);
    await rehearsal.put('H2', { ...HOSPITAL, apiKey: chosen });
    await rehearsal.put('H2', { ...HOSPITAL, apiKey: chosen });
    await expect(rehearsal.put('H3', { ...HOSPITAL, apiKey: chosen })).rejects.toMatchObject({
      code: 'API_KEY_TAKEN',
    });
    const { apiKey } = await keys.replaceAll('H2');
    await expect(
      rehearsal.put('H2', { ...HOSPITAL, apiKey: chosen, approvedBy: 'op-2' }),
    ).rejects.toMatchObject({ code: 'API_KEY_TAKEN' });
    expect(await rehearsal.authenticate({ apiKey })).toMatchObject({ institutionId: 'H2' });
    expect((await keys.list({ institutionId: 'H2' }))[0]).not.toHaveProperty('prefix');
  });

  test('keys that ended half a year ago are forgotten when another is made', async () => {
    const { clock, keys, list } = await given(open);
    await keys.replaceAll('H1');
    clock.advance(181 * DAY_MS);
    await keys.issue('H1', {});
    expect((await list()).filter(({ endedAt }) => endedAt)).toHaveLength(0);
    expect(await list()).toHaveLength(2);
  });
};
