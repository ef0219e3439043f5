import type { Bus } from '@caretab/bus';
import { hospitalVisitEvents, read, visitIdOf } from '@caretab/contracts';
import type { Api } from '@caretab/hospital';
import type { SampleMessage } from './bus';
import { parkedOf } from './consumed';
import type { Tally } from './tally';

const NOBODY = 'NX404';
const VISITS_MAX = 10;

/** The sample day has reports that break the contract, too. */
const isReadable = (sample: SampleMessage): boolean => {
  try {
    read(hospitalVisitEvents, sample);
    return true;
  } catch {
    return false;
  }
};

/** The reports of some sound visits, as of an institution that is not registered, under fresh ids. */
const reportsOfNobody = (samples: readonly SampleMessage[], seed: number): SampleMessage[] => {
  const reports = samples.filter(({ topic }) => topic === hospitalVisitEvents.name);
  const broken = new Set(reports.filter((one) => !isReadable(one)).map(({ key }) => key));
  const keys = [...new Set(reports.map(({ key }) => key))]
    .filter((key) => !broken.has(key))
    .slice(0, VISITS_MAX);
  return reports
    .filter(({ key }) => keys.includes(key))
    .map((sample, index) => {
      const { visitNumber, ...data } = JSON.parse(sample.value) as { visitNumber: string };
      const visitId = visitIdOf(NOBODY, visitNumber);
      return {
        ...{ topic: sample.topic, key: visitId },
        headers: {
          ...sample.headers,
          ce_id: `fuzz-${seed}-nobody-${index}`,
          ce_source: `hospital/${NOBODY}`,
        },
        value: JSON.stringify({ ...data, visitNumber, visitId, institutionId: NOBODY }),
      };
    });
};

/** Sends them; gives the judge for when the platform is quiet: nothing is opened, all is parked. */
export const fromNobody = async (
  { bus, api, tally }: { readonly bus: Bus; readonly api: Api; readonly tally: Tally },
  samples: readonly SampleMessage[],
  seed: number,
): Promise<() => Promise<void>> => {
  const reports = reportsOfNobody(samples, seed);
  await bus.send(hospitalVisitEvents.name, reports);
  tally.check(reports.length > 0, 'no report was there to send');
  return async () => {
    const parked = await parkedOf(api, 'visit-ledger');
    for (const key of new Set(reports.map((report) => report.key))) {
      const codes = parked.filter((one) => one.key === key).map(({ code }) => code);
      const [first, ...behind] = codes;
      tally.check(
        codes.length === reports.filter((report) => report.key === key).length &&
          first === 'INSTITUTION_UNKNOWN' &&
          behind.every((code) => code === 'KEY_HELD'),
        `a visit of an unregistered institution is not parked by name: ${first ?? 'not at all'}`,
      );
    }
  };
};
