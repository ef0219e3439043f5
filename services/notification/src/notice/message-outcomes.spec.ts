import { MessageGateway } from './message.gateway';

const message = {
  noticeId: 'n1',
  to: { mobile: '13957100001' },
  language: 'zh',
  templateId: 'service-closed.zh',
  parameters: {},
  text: '【先诊后付】服务已关闭。',
} as const;

const gateway = (fetch: typeof globalThis.fetch, token?: string) =>
  new MessageGateway({
    name: 'SMS',
    url: 'https://sms.example/send',
    token,
    timeoutMs: 1000,
    fetch,
  });
const answering = (status: number) => () => Promise.resolve(new Response(null, { status }));

test.each([
  [200, 'sent'],
  [202, 'sent'],
  [404, 'refused'],
  [400, 'refused'],
  [429, 'not-sent'],
  [503, 'not-sent'],
  [500, 'unknown'],
  [302, 'unknown'],
] as const)('answered %s, a message is %s', async (status, outcome) => {
  expect(await gateway(answering(status)).send(message)).toBe(outcome);
});

test.each([
  ['ECONNREFUSED', 'not-sent'],
  ['ECONNRESET', 'unknown'],
] as const)('after %s a message is %s', async (code, outcome) => {
  const breaks = () =>
    Promise.reject(Object.assign(new Error('fetch failed'), { cause: { code } }));
  expect(await gateway(breaks).send(message)).toBe(outcome);
});

test('a message has its id, so that a provider can drop a repetition, and the provider’s token', async () => {
  const asked: RequestInit[] = [];
  await gateway((_url, init) => {
    asked.push(init!);
    return answering(202)();
  }, 'a token of 16 chars').send(message);
  expect(asked[0]!.headers).toMatchObject({
    'idempotency-key': 'n1',
    authorization: 'Bearer a token of 16 chars',
  });
  const { noticeId: messageId, ...rest } = message;
  expect(JSON.parse(asked[0]!.body as string)).toEqual({ messageId, ...rest });
});
