import { eventually } from '@caretab/hospital';
import { CONSULTATION } from '../catalogue';
import { World } from '../world';

type Citizen = Awaited<ReturnType<World['citizen']>>;

const world = new World('reached-by-phone');

interface Message {
  readonly to: { readonly mobile?: string; readonly personId?: string };
  readonly text: string;
}

/** What the provider and the app took for the citizen. */
const messagesTo = ({ mobile, personId }: Citizen): Message[] =>
  world
    .journalText('messages')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const { message } = JSON.parse(line) as { readonly message?: Message };
      return message ? [message] : [];
    })
    .filter(({ to }) => to.mobile === mobile || to.personId === personId);

const settledVisit = async (channels: readonly string[]): Promise<Citizen> => {
  const hospital = await world.hospital();
  const citizen = await world.citizen();
  await world.api.done('PUT', `/notification/preferences/${citizen.personId}`, {
    language: 'zh',
    channels,
  });
  const visit = hospital.visitOf(citizen);
  await visit.opens();
  await visit.charges(CONSULTATION);
  await visit.ends();
  await world.becomes(visit.visitId, { status: 'settled' });
  return citizen;
};

test('a citizen without the app gets an SMS with amount and place, and no mail beside it', async () => {
  const citizen = await settledVisit(['app', 'sms', 'email']);
  const settled = await eventually(() => {
    const found = messagesTo(citizen).find(({ text }) => text.includes('已结清'));
    expect(found).toBeDefined();
    return found!;
  });
  expect(settled.to).toEqual({ mobile: citizen.mobile });
  expect(settled.text).toMatch(
    /^【先诊后付】Hospital \w+的账单已结清，应付[\d.]+元，已付[\d.]+元。/,
  );
  await world.quiet();
  expect(world.mailsTo(citizen).filter(({ source }) => source.includes('settled'))).toEqual([]);
});
