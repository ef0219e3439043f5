import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { silentLog } from '@caretab/bus';
import { kafkaClient } from './kafka-client';

const REQUEST_MS = 150;

/** Takes connections and what they say, and never answers. */
const mute = async (): Promise<{ server: Server; calls: Socket[] }> => {
  const calls: Socket[] = [];
  const server = createServer((call) => void calls.push(call.on('error', () => {}).resume()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, calls };
};

describe('a broker that does not answer', () => {
  let server: Server;
  let calls: Socket[];
  let asking: Promise<unknown>;

  beforeEach(async () => {
    ({ server, calls } = await mute());
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const call of calls) call.destroy();
    server.close();
    await asking;
  });

  const ask = (): void => {
    const { port } = server.address() as AddressInfo;
    const admin = kafkaClient(
      { brokers: [`127.0.0.1:${port}`], clientId: 'test', requestMs: REQUEST_MS },
      silentLog,
    ).admin({ retry: { retries: 2, initialRetryTime: 10 } });
    asking = admin
      .connect()
      .catch(() => undefined)
      .then(() => admin.disconnect());
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('loses the connection, and is asked again on a new one', async () => {
    ask();
    await until(() => calls.length > 1);
    expect(calls[0]!.closed).toBe(true);
  });

  it('loses it when the clock is set back by hours meanwhile', async () => {
    ask();
    await until(() => calls.length === 1);
    const now = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => now() - 3 * 3_600_000);
    await until(() => calls.length > 1);
    expect(calls[0]!.closed).toBe(true);
  });
});
