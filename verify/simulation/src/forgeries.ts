import { type Message, type ParkedRow, SIGNATURE, signedAll, twinKeyOf } from '@caretab/bus';
import type { ForgeryKind, ForgeryPlan } from './forgery-plan';
import { FORGED, isForgery, rows } from './quiescence';
import type { SimulatedPlatform } from './simulated-platform';
import { must } from './violation';

/** Topics of which the ledger handles every event: there a forgery is parked, whatever it says. */
const TOPICS: readonly string[] = [
  'hospital.visit-events',
  'credit.authorizations',
  'adjudication.claims',
  'payment.payments',
];

interface Sent {
  readonly topic: string;
  readonly message: Message;
}

const withHeaders = ({ topic, message }: Sent, headers: Record<string, string>): Sent => ({
  topic,
  message: { ...message, headers: { ...message.headers, ...headers } },
});
const fresh = (sent: Sent): Sent =>
  withHeaders(sent, { ce_id: `forged/${sent.message.headers['ce_id']}` });

const KINDS: Readonly<Record<ForgeryKind, (sent: Sent) => Sent>> = {
  'by a stranger': (sent: Sent): Sent => {
    const { topic, message } = fresh(sent);
    return { topic, message: signedAll(topic, [message], twinKeyOf('hospital/H9'))[0]! };
  },
  'by nobody': (sent: Sent): Sent => {
    const { topic, message } = fresh(sent);
    const { [SIGNATURE]: _, ...headers } = message.headers;
    return { topic, message: { ...message, headers } };
  },
  'under another id': fresh,
  'with another value': ({ topic, message }: Sent): Sent => ({
    topic,
    message: { ...message, value: message.value.replace(/\d(?=\D*$)/, (digit) => `${digit}1`) },
  }),
  'at another time': (sent: Sent): Sent =>
    withHeaders(sent, { ce_time: '2026-01-01T00:00:00.000Z' }),
  'on another topic': ({ topic, message }: Sent): Sent => ({
    topic: TOPICS[(TOPICS.indexOf(topic) + 1) % TOPICS.length]!,
    message,
  }),
  'under another key': ({ topic, message }: Sent): Sent => ({
    topic,
    message: { ...message, key: `${message.key}0` },
  }),
};

const placed = new WeakMap<SimulatedPlatform, string[]>();

export const beginForgeries = (
  world: SimulatedPlatform,
  forgeries: readonly ForgeryPlan[],
): void => {
  const marks: string[] = [];
  // Of one message each, for two that are alike are parked once.
  const taken = new Set<string | undefined>();
  placed.set(world, marks);
  for (const { kind, atMs, place } of forgeries)
    world.scheduler.after(atMs, `a message ${kind} is forged`, () => {
      const sent = world.sent.filter(
        ({ topic, message: { headers } }) =>
          TOPICS.includes(topic) &&
          headers[SIGNATURE] &&
          !headers[FORGED] &&
          !taken.has(headers['ce_id']),
      );
      const sound = sent[Math.floor(place * sent.length)];
      if (!sound) return;
      taken.add(sound.message.headers['ce_id']);
      const mark = `${kind} ${marks.length}`;
      const { topic, message } = withHeaders(KINDS[kind](sound), { [FORGED]: mark });
      marks.push(mark);
      world.tell(`${world.scheduler.stamp()} forged ${kind}: ${message.headers['ce_type']}`);
      void world.bus.send(topic, [message]);
    });
};

/** Each forgery is parked for what it is. */
export const judgeForgeries = (world: SimulatedPlatform): void => {
  const parked = rows<ParkedRow>(world, 'visit-ledger', 'parked').filter(isForgery);
  for (const mark of placed.get(world) ?? []) {
    const codes = parked
      .filter(({ headers }) => (JSON.parse(headers) as Record<string, string>)[FORGED] === mark)
      .map(({ code }) => code);
    must(
      codes.length === 1 && ['AUTHOR_FORBIDDEN', 'SIGNATURE_INVALID'].includes(codes[0]!),
      'forged',
      () => ({ mark, codes }),
    );
  }
};
