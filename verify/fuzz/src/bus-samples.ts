import { payerIds } from '@caretab/benefits';
import type { Bus } from '@caretab/bus';
import { topicsFor } from '@caretab/contracts';
import { pause } from '@caretab/hospital';
import type { SampleMessage } from './bus';

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};

/** Every message that the sample day left on the bus. */
export const messagesOf = async (bus: Bus): Promise<SampleMessage[]> => {
  const group = `fuzz.samples-${Date.now()}`;
  const found: SampleMessage[] = [];
  const topics = topicsFor(payerIds).map(({ name }) => name);
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
