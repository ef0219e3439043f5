import { createHmac } from 'node:crypto';
import type { Citizen } from '../citizen';
import type { Hospital } from '../hospital';
import { World } from '../world';

const world = new World('lost-card');
const [OLD, NEW] = ['HC-LOST-0001', 'HC-LOST-0002'];
let citizen: Citizen;
let hospital: Hospital;
let cardId: string;
let visits = 0;

/** What the hospital is answered that reads a card. */
const shown = async (number: string) => {
  const { status, body } = await hospital.posts('/v1/visits', {
    visitNumber: `V${(visits += 1)}`,
    visitClass: 'outpatient',
    department: 'CARD',
    startedAt: hospital.now(),
    credential: { type: 'health-card', value: number },
  });
  return [status, body.code];
};

/** How a number stands on the lists that front nodes follow. */
const listed = async (number: string): Promise<string | undefined> => {
  const found = new Map<string, string>();
  for (let after = 0; ;) {
    const page = await world.api.get(`/identity/card-list?after=${after}`);
    for (const { numberHash, list } of page.entries) found.set(numberHash, list);
    if (page.entries.length === 0) {
      const text = JSON.stringify(['health-card', number]);
      const hash = createHmac('sha256', Buffer.from(page.hashKey, 'hex')).update(text);
      return found.get(hash.digest('base64url'));
    }
    after = page.through;
  }
};

beforeAll(async () => {
  hospital = await world.hospital({ door: 'http' });
  citizen = await world.citizen();
  const path = `/identity/persons/${citizen.personId}/cards`;
  const card = { medium: 'physical', number: OLD };
  cardId = (await world.api.done('POST', path, card)).cardId;
});

test('a card that is reported lost is refused at a hospital, and stands on the black list', async () => {
  expect(await listed(OLD)).toBe('white');
  await world.api.done('POST', `/identity/persons/${citizen.personId}/cards/${cardId}/loss`);
  expect(await shown(OLD)).toEqual([403, 'CARD_NOT_VALID']);
  expect(await listed(OLD)).toBe('black');
});

test('the card in its place works, and the old one stays refused', async () => {
  const path = `/identity/persons/${citizen.personId}/cards/${cardId}/changes`;
  await world.api.done('POST', path, { change: 'replace', number: NEW, why: 'lost' });
  expect(await shown(NEW)).toEqual([202, undefined]);
  expect(await shown(OLD)).toEqual([403, 'CARD_REPLACED']);
  expect([await listed(NEW), await listed(OLD)]).toEqual(['white', 'black']);
});
