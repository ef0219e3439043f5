import { busOfAll } from '@caretab/bus';
import { type Platform, untilQuiet } from '@caretab/deploy';
import { Api } from '@caretab/hospital';
import { type Amount, fuzzBus, type SampleMessage } from './bus';
import { reporterOf } from '@caretab/contracts';
import { OWN_TOPIC } from './consumed';
import { topicsOfAll } from './bus-samples';
import { forged } from './forged';
import { forgedProofs } from './forged-proofs';
import { checkReports, ofAnother } from './own-topic';
import { evenly, fuzzRecords } from './records';
import type { Tally } from './tally';
import { fromNobody } from './unregistered';

const SAMPLES_OF_EACH_EVENT = 40;

interface Trial {
  readonly platform: Platform;
  readonly api: Api;
  readonly brokers: readonly string[] | undefined;
  readonly services: readonly string[];
}

/** Sends to the topics, waits until nothing is left to do, and finds every message again. */
export const fuzzTopics = async (
  { platform, api, brokers, services }: Trial,
  sound: readonly SampleMessage[],
  amount: Amount,
  update: (text: string) => void,
): Promise<Tally> => {
  const topics = new Map(topicsOfAll().map((topic) => [topic.name, topic]));
  const samples = evenly(sound, SAMPLES_OF_EACH_EVENT);
  const { signingKeyOf } = platform;
  const bus = busOfAll(platform.bus, signingKeyOf);
  const sent = brokers
    ? await fuzzRecords({ brokers, signingKeyOf }, topics, samples, amount)
    : await fuzzBus(bus, topics, samples, amount);
  const { tally } = sent;
  const judges = [
    await forged({ bus: platform.bus, api, tally }, samples, signingKeyOf),
    await forgedProofs({ bus: platform.bus, api, tally }, samples, { topics, keyOf: signingKeyOf }),
    await fromNobody({ bus, api, tally }, sound, amount.seed),
    await ofAnother({ bus: platform.bus, api, tally }, sound, {
      seed: amount.seed,
      keyOf: signingKeyOf,
    }),
  ];
  await untilQuiet(api, services, (left) => update(`${left} pending`));
  for (const judge of judges) await judge();
  await sent.account(api, services);
  const hospital = new Api(() => [platform.url], platform.keyOf(reporterOf(OWN_TOPIC)));
  const gateway = signingKeyOf('gateway');
  await checkReports({ bus: platform.bus, hospital, gateway }, sent);
  await sent.readToTheEnd(platform.bus);
  return tally;
};
