import { createPublicKey } from 'node:crypto';
import { Authors, type Bus, signingBus, type SigningKey } from '@caretab/bus';
import { systemClock } from '@caretab/kernel';
import {
  allRoutes,
  declares,
  hospitalVisitEvents,
  reporterOf,
  visitIdOf,
} from '@caretab/contracts';
import type { Api } from '@caretab/hospital';
import type { SampleMessage } from './bus';
import { messagesOf } from './bus-samples';
import { OWN_TOPIC, type ParkedMessage, parkedOf, type SentMessages } from './consumed';
import type { Tally } from './tally';

const OWN = reporterOf(OWN_TOPIC);
const ANOTHER = 'HZ001';
const REPORTS_MAX = 10;
/** Beside what the routes of a hospital are refused for. */
const OF_THE_TOPIC = ['AUTHOR_FORBIDDEN', 'VISIT_ID_MISMATCH', 'KEY_HELD'];

const hospitals = allRoutes.filter(({ path }) => path.startsWith('/v1/'));

/** Reports of this hospital, as of another one's visit: said in the data, or in the source too. */
const reportsOfAnother = (samples: readonly SampleMessage[], seed: number): SampleMessage[] =>
  samples
    .filter(({ topic }) => topic === OWN_TOPIC)
    .slice(0, REPORTS_MAX)
    .flatMap(({ headers, value, topic }, index) => {
      const data = JSON.parse(value) as { readonly visitNumber: string };
      const visitId = visitIdOf(ANOTHER, data.visitNumber);
      const as = (source: string, place: string): SampleMessage => ({
        ...{ topic, key: visitId },
        headers: {
          ...headers,
          ce_id: `fuzz-${seed}-another-${place}-${index}`,
          ce_source: `hospital/${source}`,
        },
        value: JSON.stringify({ ...data, visitId, institutionId: ANOTHER }),
      });
      return [as(OWN, 'data'), as(ANOTHER, 'source')];
    });

/** Sends them; gives the judge for when the platform is quiet: all are parked for what they are. */
export const ofAnother = async (
  { bus, api, tally }: { readonly bus: Bus; readonly api: Api; readonly tally: Tally },
  samples: readonly SampleMessage[],
  { seed, keyOf }: { readonly seed: number; readonly keyOf: (author: string) => SigningKey },
): Promise<() => Promise<void>> => {
  const reports = reportsOfAnother(samples, seed);
  tally.check(reports.length > 0, 'no report of a hospital’s own topic was there to send');
  const isOne = ({ topic, key, code }: ParkedMessage): boolean =>
    topic === OWN_TOPIC && key.startsWith(`${ANOTHER}-`) && code === 'AUTHOR_FORBIDDEN';
  const before = (await parkedOf(api, 'gateway')).filter(isOne).length;
  await signingBus(bus, () => keyOf(`hospital/${OWN}`)).send(OWN_TOPIC, reports);
  return async () => {
    const after = (await parkedOf(api, 'gateway')).filter(isOne).length;
    tally.check(
      after - before >= reports.length,
      `of ${reports.length} reports of another’s visits ${after - before} are parked as such`,
    );
  };
};

/**
 * What the gateway took over from a hospital's own topic: every report that is not parked went on,
 * and all that did is of that hospital, whatever the report says. What is parked is refused as it is
 * at its other doors, and the hospital reads it.
 */
export const checkReports = async (
  {
    bus,
    hospital,
    gateway,
  }: { readonly bus: Bus; readonly hospital: Api; readonly gateway: SigningKey },
  sent: SentMessages,
): Promise<void> => {
  const { tally } = sent;
  const door = `bus/${OWN}/`;
  const on = new Set<string>();
  const isItsOwn = writtenBy(gateway);
  for (const message of await messagesOf(bus, [hospitalVisitEvents.name])) {
    const { key, headers, value } = message;
    const cause = headers['ce_causationid'] ?? '';
    if (!cause.startsWith(door)) continue;
    on.add(cause.slice(door.length));
    // Inputs and forgeries of this run lie on the gateway's topic too.
    if (sent.hadContent(message) || !isItsOwn(message)) continue;
    const { institutionId, visitId } = JSON.parse(value) as Record<string, string>;
    tally.check(
      institutionId === OWN && visitId === key && key.startsWith(`${OWN}-`),
      'a report on a hospital’s own topic takes effect for another institution',
    );
  }
  const lost = sent.taken(OWN_TOPIC).filter((id) => !on.has(id));
  tally.check(
    lost.length === 0,
    `${lost.length} reports on a hospital’s own topic are neither taken over nor parked`,
  );
  const refused = sent.refused(OWN_TOPIC);
  for (const code of new Set(refused.filter(({ isRead }) => isRead).map((one) => one.code)))
    tally.check(
      OF_THE_TOPIC.includes(code) || hospitals.some((route) => declares(route, code)),
      `a report on a hospital’s own topic is parked as ${code}, which no door of hospitals says`,
    );
  const read = await readBy(hospital);
  const unread = refused.filter(({ id }) => !read.has(id)).length;
  tally.check(unread === 0, `${unread} refused reports are not among their hospital’s submissions`);
};

/** Whether a message on the gateway's topic is as the gateway wrote it. */
const writtenBy = ({ kid, author, key }: SigningKey): ((message: SampleMessage) => boolean) => {
  const known = { kid, author, key: createPublicKey(key) };
  const authors = new Authors({ of: (named) => (named === kid ? known : undefined) }, systemClock);
  return (message) => {
    try {
      authors.verify(hospitalVisitEvents, { ...message, partition: 0, offset: 0n });
      return true;
    } catch {
      return false;
    }
  };
};

/** Ids of the rejected reports that a hospital reads. */
const readBy = async (hospital: Api): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  for (let after: string | undefined = ''; after !== undefined;) {
    const page: { submissions: { submissionId: string }[]; next?: string } = await hospital.get(
      `/v1/submissions?fate=rejected${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`,
    );
    for (const { submissionId } of page.submissions) ids.add(submissionId);
    after = page.next ?? undefined;
  }
  return ids;
};
