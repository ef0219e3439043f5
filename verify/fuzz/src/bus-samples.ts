import { payerIds } from '@caretab/benefits';
import type { Bus } from '@caretab/bus';
import { hospitalReports, type Topic, topicsFor } from '@caretab/contracts';
import { SAMPLE_PRODUCERS } from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import type { SampleMessage } from './bus';

/** Those of the platform, and of the sample day's hospital with a producer of its own. */
export const topicsOfAll = (): readonly Topic[] => [
  ...topicsFor(payerIds),
  ...SAMPLE_PRODUCERS.map(hospitalReports),
];

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};

/** Every message that the sample day left on the bus, or on these topics. */
export const messagesOf = async (
  bus: Bus,
  topics: readonly string[] = topicsOfAll().map(({ name }) => name),
): Promise<SampleMessage[]> => {
  const group = `fuzz.samples-${Date.now()}`;
  const found: SampleMessage[] = [];
  const consumer = await bus.consume(
    { group, topics },
    async ({ messages }) =>
      void found.push(
        ...messages.map(({ topic, key, value, headers }) => ({ topic, key, value, headers })),
      ),
  );
  while ((await bus.lag(group, topics)) > 0) await pause(50);
  await consumer.stop();
  return found.filter(
    ({ headers, value }) =>
      !headers['ce_id']?.startsWith('fuzz-') &&
      value.startsWith('{') &&
      headers['ce_type'] !== undefined &&
      headers['ce_id'] !== undefined &&
      isJson(value),
  );
};
