import type { DomainError } from '@caretab/kernel';
import { nodeInMemory } from '../test/in-memory';

const nodes: { readonly forwarder: { stop(): Promise<void> } }[] = [];
afterEach(async () => {
  for (const { forwarder } of nodes.splice(0)) await forwarder.stop();
});

const start = (...parts: Parameters<typeof nodeInMemory>) => {
  const node = nodeInMemory(...parts);
  nodes.push(node);
  node.forwarder.start();
  const send = (key: string, visit: string, body: unknown = { key }) =>
    node.messages.take({ path: `/v1/visits/HZ001-${visit}/charges`, key, body });
  return { ...node, send };
};
const codeOf = async (asked: Promise<unknown>): Promise<unknown> => {
  try {
    return await asked;
  } catch (error) {
    return (error as DomainError).code;
  }
};
const until = async (holds: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 1_000 && !holds(); turn++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).toBe(true);
};
const numbersOf = (took: readonly { readonly path: string; readonly body?: unknown }[]) =>
  took.map(({ path, body }) => `${path.split('/')[3]} ${(body as { key: string }).key}`);

test('what is kept over an outage goes out in the order of its visit, each once', async () => {
  const { send, platform, state } = start();
  platform.isAway = true;
  for (let number = 10; number < 22; number++) {
    const sent = () => send(`message-${number}`, `V${number % 3}`);
    expect(await sent()).toMatchObject({ status: 202, isKept: true });
    expect(await sent()).toMatchObject({ status: 202, isKept: true });
  }
  expect(await codeOf(send('message-10', 'V1', { other: true }))).toBe('IDEMPOTENCY_KEY_REUSED');
  platform.isAway = false;
  await until(() => state.counts.waiting === 0);
  expect(platform.took).toHaveLength(12);
  for (const visit of ['HZ001-V0', 'HZ001-V1', 'HZ001-V2']) {
    const keys = numbersOf(platform.took).filter((one) => one.startsWith(visit));
    expect(keys).toEqual([...keys].sort());
  }
});

test('a refusal ends its message alone: an answer to who waits, a notice to who does not', async () => {
  const { send, platform, state } = start();
  const refusal = { outcome: 'answered', status: 409, body: { code: 'VISIT_CONFLICT' } } as const;
  platform.answers.set('refused-1', refusal).set('refused-2', refusal);
  expect(await send('refused-1', 'V1')).toMatchObject({ status: 409 });
  platform.isAway = true;
  await send('refused-2', 'V1');
  await send('after-0001', 'V1');
  platform.isAway = false;
  await until(() => state.counts.waiting === 0);
  expect(numbersOf(platform.took)).toEqual(['HZ001-V1 after-0001']);
  const noticed = ['refused-1', 'refused-2'].map((key) => state.messages.get(key)!.isNoticed);
  expect([noticed, state.counts.refused]).toEqual([[true, false], 2]);
  platform.answers.clear();
  expect(await send('refused-2', 'V1', { corrected: true })).toMatchObject({
    body: { visitId: 'V' },
  });
});

test('what fails at the platform holds its visit alone', async () => {
  const { send, platform, state, forwarder } = start();
  platform.answers.set('failing-1', {
    ...{ outcome: 'held', why: '500 INTERNAL', status: 500, body: { code: 'INTERNAL' } },
  });
  const failing = send('failing-1', 'V1');
  expect(await send('another-1', 'V2')).toMatchObject({ body: { visitId: 'V' } });
  expect((await failing).isKept).toBe(true);
  expect(forwarder.standing.held).toBe(1);
  platform.answers.clear();
  await until(() => state.counts.waiting === 0);
});

test('a node that is full, or whose disk takes nothing, acknowledges nothing', async () => {
  const { send, platform, disk, state } = start(undefined, { messagesMax: 2 });
  platform.isAway = true;
  const answers = await Promise.all([1, 2, 3].map((n) => codeOf(send(`message-${n}-x`, `V${n}`))));
  expect(answers.filter((answer) => answer === 'FRONT_NODE_FULL')).toHaveLength(1);
  platform.isAway = false;
  await until(() => state.counts.waiting === 0);
  disk.isFull = true;
  await expect(send('message-4-x', 'V4')).rejects.toThrow('ENOSPC');
  expect(state.messages.has('message-4-x')).toBe(false);
});

test('what came of a message and is not on disk is asked for again', async () => {
  const { send, platform, disk, state } = start();
  platform.isAway = true;
  await send('message-disk', 'V1');
  disk.isFull = true;
  platform.isAway = false;
  await until(() => platform.took.length > 0);
  expect(state.counts.waiting).toBe(1);
  disk.isFull = false;
  await until(() => state.counts.waiting === 0);
  expect(new Set(numbersOf(platform.took)).size).toBe(1);
});
