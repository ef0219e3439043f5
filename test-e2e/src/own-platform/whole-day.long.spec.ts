import { clearBroker, DAY_TIMEOUT_MS, endDays, pageOf, playDay } from '../whole-day';
import { expectedPage } from '../sample-day';

afterAll(endDays);

test(
  'a day over Kafka, with a process and a database per service, ends with the page of the embedded run, to the letter',
  async () => {
    const page = await pageOf(await playDay('embedded'));
    expect(page).toBe(expectedPage());
    expect(await pageOf(await playDay('cluster'))).toBe(page);
    await clearBroker();
  },
  2 * DAY_TIMEOUT_MS,
);
