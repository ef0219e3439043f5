import fc from 'fast-check';
import { PERSON, till, VISIT } from '../../test/till';
import type { PaymentOutcome, RefundOutcome } from './channel';
import { ChannelGateway } from './channel.gateway';
import { MemoryChannel } from './memory-channel';

/** What the acquirer answers instead of the truth; `undefined` is the truth. */
interface Lie {
  readonly status: number;
  readonly text: string;
}

/** In the place of what was asked: a lie that is no lie there. */
const SAME = 'as asked';
const AT = '2026-03-02T09:00:00.000Z';
const weird = fc.constantFrom<unknown>(
  null,
  '',
  0,
  -1,
  1e308,
  [],
  {},
  'x'.repeat(121),
  'a\0b',
  '\ud800',
  '2026-02-30T00:00:00Z',
  '2026-13-01T99:99:99Z',
  'yesterday',
  '__proto__',
  'ORDER_UNKNOWN',
  'captured',
  AT,
);
const bodies = fc.oneof(
  fc.constantFrom(
    '',
    'null',
    '[]',
    '7',
    '{',
    '<html>',
    '"captured"',
    '{"status":"captured"}',
    `{"status":"captured","reference":"","capturedAt":"${AT}"}`,
    'x'.repeat(70_000),
    '{"code":"ORDER_UNKNOWN"}',
    '{"code":51}',
    '{"code":"limit.reached"}',
    '{"code":"REFUND_CONFLICT"}',
    '{"status":"processing","reference":"r"}',
    '{"status":"declined","reference":"r","reason":"\\u0000"}',
  ),
  fc
    .record(
      {
        status: fc.oneof(weird, fc.constantFrom('captured', 'declined', 'processing', 'refunded')),
        orderId: fc.oneof(weird, fc.constant(SAME)),
        refundId: fc.oneof(weird, fc.constant(SAME)),
        amountFen: fc.oneof(weird, fc.constantFrom<unknown>(SAME, 1, 99_999, 1.5)),
        currency: fc.constantFrom('CNY', 'USD'),
        reference: fc.oneof(weird, fc.constant('r-1')),
        capturedAt: fc.oneof(weird, fc.constant(AT)),
        refundedAt: fc.oneof(weird, fc.constant(AT)),
      },
      { requiredKeys: [] },
    )
    .map((body) => JSON.stringify(body)),
);
const lies = fc.array(
  fc.option(
    fc.record({
      status: fc.constantFrom(200, 200, 200, 204, 302, 400, 404, 409, 500, 503),
      text: bodies,
    }),
    { nil: undefined },
  ),
  { maxLength: 8 },
);

type Asked = Readonly<Record<'orderId' | 'refundId' | 'amountFen', unknown>>;

const told = (
  outcome: PaymentOutcome | RefundOutcome,
  asked: Asked,
): { status: number; body: unknown } => {
  if (outcome.status === 'not-found') return { status: 404, body: { code: 'ORDER_UNKNOWN' } };
  if (outcome.status === 'refused') return { status: 422, body: { code: outcome.reason } };
  if (outcome.status === 'no-answer') return { status: 500, body: null };
  if (outcome.status === 'captured' || outcome.status === 'refunded') {
    const at = outcome.at.toISOString();
    return { status: 200, body: { ...asked, ...outcome, capturedAt: at, refundedAt: at } };
  }
  return { status: 200, body: { ...asked, ...outcome, reference: 'r' } };
};

/**
 * The acquirer over HTTP as the twin has it: it does what it is asked, and answers with a lie as
 * long as there is one.
 */
const lying =
  (truth: MemoryChannel, left: (Lie | undefined)[]): typeof fetch =>
  async (url, init) => {
    const { pathname } = new URL(String(url));
    const asked = init?.body ? (JSON.parse(String(init.body)) as never) : undefined;
    const id = decodeURIComponent(pathname.split('/')[2] ?? '');
    if (pathname === '/statement')
      return Response.json({
        entries: (await truth.statement()).entries.map(({ kind, id: of, amountFen }) => ({
          kind,
          orderId: of,
          ...(kind === 'refund' && { refundId: of }),
          amountFen,
        })),
      });
    const isRefund = pathname.startsWith('/refunds');
    const known = (isRefund ? truth.refunds : truth.payments).get(id)?.order as Asked | undefined;
    const outcome = isRefund
      ? await (asked ? truth.refund(asked) : truth.findRefund({ refundId: id }))
      : await (asked ? truth.pay(asked) : truth.findPayment({ orderId: id }));
    const of = asked ?? known ?? { orderId: id, refundId: id, amountFen: 0 };
    const lie = left.shift();
    if (lie)
      return new Response(lie.status === 204 ? null : asAsked(lie.text, of), {
        status: lie.status,
      });
    const { status, body } = told(outcome, of);
    return Response.json(isRefund && status === 404 ? { code: 'REFUND_UNKNOWN' } : body, {
      status,
    });
  };

const asAsked = (text: string, asked: Asked): string =>
  (['orderId', 'refundId', 'amountFen'] as const).reduce(
    (changed, name) =>
      changed.replace(`"${name}":"${SAME}"`, `"${name}":${JSON.stringify(asked[name] ?? null)}`),
    text,
  );

const sumOf = (amounts: readonly { readonly amountFen: number | null }[]): number =>
  amounts.reduce((sum, { amountFen }) => sum + (amountFen ?? 0), 0);

test(
  'whatever the acquirer answers, no visit is collected above its due or refunded ' +
    'above what was collected, and what its books have otherwise is listed',
  () =>
    fc.assert(
      fc.asyncProperty(lies, lies, async (first, second) => {
        const left = [...first];
        const memoryChannel = new MemoryChannel(() => new Date(AT));
        const shop = till({
          memoryChannel,
          channel: () =>
            new ChannelGateway({
              url: 'http://acquirer',
              secret: 's',
              timeoutMs: 1000,
              clock: { now: () => new Date(AT) },
              fetch: lying(memoryChannel, left),
            }),
        });
        await shop.accounts.bind(PERSON, { channel: 'bank', token: 'tok:ok' });
        await shop.adjudicate();
        await shop.workThrough();
        left.push(...second);
        await shop.adjudicate({ revision: 2, patientDueFen: 10_000, grossFen: 80_000 });
        await shop.workThrough();
        const said = await shop.said();
        const paidFen = sumOf(said.filter(({ type }) => type === 'PaymentCaptured'));
        const refundedFen = sumOf(said.filter(({ type }) => type === 'RefundCompleted'));
        expect(paidFen).toBeLessThanOrEqual(30_000);
        expect(refundedFen).toBeLessThanOrEqual(paidFen);
        const { matched, onlyOurs, onlyTheirs, amountsDiffer } =
          await shop.reconciliations.of('2026-03-02');
        const { entries: theirs } = await memoryChannel.statement();
        expect(matched + amountsDiffer.length + onlyTheirs.length).toBe(theirs.length);
        expect(sumOf(theirs.filter(({ kind }) => kind === 'capture'))).toBe(
          paidFen -
            sumOf(onlyOurs.filter(({ kind }) => kind === 'capture')) +
            sumOf(onlyTheirs.filter(({ kind }) => kind === 'capture')) +
            // A part that the acquirer made up is listed with the amount of its statement.
            amountsDiffer
              .filter(({ kind }) => kind === 'capture')
              .reduce((sum, { oursFen, theirsFen }) => sum + theirsFen - oursFen, 0),
        );
        expect(await shop.payments.of(VISIT)).toBeDefined();
      }),
      { numRuns: 60 },
    ),
);
