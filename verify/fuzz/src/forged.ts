import { authorOf, type Bus, SIGNATURE, signedAll, type SigningKey } from '@caretab/bus';
import type { Api } from '@caretab/hospital';
import type { SampleMessage } from './bus';
import { parkedOf } from './consumed';
import type { Tally } from './tally';

/** Topics of which the ledger handles every event: there a forgery is parked, whatever it says. */
const TOPICS: readonly string[] = [
  'hospital.visit-events',
  'credit.authorizations',
  'adjudication.claims',
  'payment.payments',
];

type KeyOf = (author: string) => SigningKey;

const withHeaders = (
  sample: SampleMessage,
  headers: Readonly<Record<string, string>>,
): SampleMessage => ({ ...sample, headers: { ...sample.headers, ...headers } });

/** What an intruder makes of a message without the key of its author. */
const forgeriesOf = (sample: SampleMessage, keyOf: KeyOf, id: string): SampleMessage[] => {
  const other = TOPICS.find((topic) => topic !== sample.topic)!;
  const stranger = withHeaders(sample, { ce_id: `${id}-stranger` });
  const { [SIGNATURE]: _, ...bare } = withHeaders(sample, { ce_id: `${id}-bare` }).headers;
  const by = keyOf(authorOf(sample.topic) === 'identity' ? 'credit' : 'identity');
  return [
    { ...stranger, ...signedAll(sample.topic, [stranger], by)[0]! },
    { ...sample, headers: bare },
    withHeaders(sample, { ce_id: `${id}-again` }),
    withHeaders(sample, { ce_time: '2026-01-01T00:00:00.000Z' }),
    { ...sample, value: `${sample.value.slice(0, -1)} }` },
    { ...sample, key: `${sample.key}0` },
    { ...sample, topic: other },
  ];
};

/** Sends them; gives the judge for when the platform is quiet: each is parked for what it is. */
export const forged = async (
  { bus, api, tally }: { readonly bus: Bus; readonly api: Api; readonly tally: Tally },
  samples: readonly SampleMessage[],
  keyOf: KeyOf,
): Promise<() => Promise<void>> => {
  const sound = TOPICS.flatMap((topic) =>
    samples.filter((one) => one.topic === topic && one.headers[SIGNATURE]).slice(0, 2),
  );
  const all = sound.flatMap((one, index) => forgeriesOf(one, keyOf, `fuzz-forged-${index}`));
  const isForged = ({ code }: { readonly code: string }): boolean =>
    code === 'AUTHOR_FORBIDDEN' || code === 'SIGNATURE_INVALID';
  const before = (await parkedOf(api, 'visit-ledger')).filter(isForged).length;
  for (const { topic, key, headers, value } of all)
    await bus.send(topic, [{ key, headers, value }]);
  tally.check(all.length > 0, 'no message was there to forge');
  return async () => {
    const after = (await parkedOf(api, 'visit-ledger')).filter(isForged).length;
    tally.check(
      after - before >= all.length,
      `of ${all.length} forged messages ${after - before} are parked as such`,
    );
  };
};
