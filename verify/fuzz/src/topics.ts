import { payerIds } from '@caretab/benefits';
import { busOfAll } from '@caretab/bus';
import { topicsFor } from '@caretab/contracts';
import { type Platform, untilQuiet } from '@caretab/deploy';
import type { Api } from '@caretab/hospital';
import { type Amount, fuzzBus, type SampleMessage } from './bus';
import { forged } from './forged';
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
  const topics = new Map(topicsFor(payerIds).map((topic) => [topic.name, topic]));
  const samples = evenly(sound, SAMPLES_OF_EACH_EVENT);
  const { signingKeyOf } = platform;
  const bus = busOfAll(platform.bus, signingKeyOf);
  const sent = brokers
    ? await fuzzRecords({ brokers, signingKeyOf }, topics, samples, amount)
    : await fuzzBus(bus, topics, samples, amount);
  const { tally } = sent;
  const judges = [
    await forged({ bus: platform.bus, api, tally }, samples, signingKeyOf),
    await fromNobody({ bus, api, tally }, sound, amount.seed),
  ];
  await untilQuiet(api, services, (left) => update(`${left} pending`));
  for (const judge of judges) await judge();
  await sent.account(api, services);
  await sent.readToTheEnd(platform.bus);
  return tally;
};
