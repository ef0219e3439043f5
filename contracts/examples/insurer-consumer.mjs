#!/usr/bin/env node
// An insurer's consumer: keeps what it owes per day, written against the AsyncAPI document alone.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { channel, connect, fail, options } from './partner.mjs';

const {
  brokers,
  payer,
  book: bookPath,
  idle,
  group,
} = options(
  `node contracts/examples/insurer-consumer.mjs --brokers HOST:PORT[,…] --payer ID --book FILE
Reads insurer.<payer>.settlements, checks each posting against its JSON Schema, and keeps the
totals per business day in a file.
  --payer ID       the insurer, e.g. city-employee
  --book FILE      where totals and the ids of what was booked are kept; an insurer's own database in real life
  --group NAME     consumer group; <payer>.settlements unless told
  --idle SECONDS   end when nothing came for so long; otherwise Ctrl-C ends it
KAFKA_SSL=true, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD where the broker asks for them.`,
  ['brokers', 'payer', 'book'],
  { idle: '', group: '' },
);

const { topic, knows, check } = channel('insurerSettlements', { payerId: payer });
const book = existsSync(bookPath)
  ? JSON.parse(readFileSync(bookPath, 'utf8'))
  : { booked: {}, days: {}, refused: {} };

/** Whole or not at all, as one transaction would be. */
const save = () => {
  writeFileSync(`${bookPath}.tmp`, JSON.stringify(book, undefined, 2));
  renameSync(`${bookPath}.tmp`, bookPath);
};

const refuse = (id, why) => {
  book.refused[id] = why;
  console.log(`refused ${id}: ${why}`);
};

const handle = (place, { headers, value }) => {
  const { ce_id: id = place, ce_type: type } = Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, bytes]) => [name, bytes.toString()]),
  );
  if (type === undefined) return refuse(id, 'no ce_type');
  if (!knows(type)) return console.log(`left ${type} aside: not in this version of the document`);
  if (book.booked[id]) return console.log(`again ${id}: booked already`);
  let data;
  try {
    data = JSON.parse(value.toString());
  } catch {
    return refuse(id, 'no JSON');
  }
  const faults = check(type, data);
  if (faults.length > 0) return refuse(id, faults.join('; '));
  book.booked[id] = true;
  book.days[data.businessDate] = (book.days[data.businessDate] ?? 0) + data.postedFen;
  console.log(
    `booked ${id} ${data.visitId} revision ${data.revision}: ${data.postedFen} fen ` +
      `on ${data.businessDate}, day's total ${book.days[data.businessDate]} fen`,
  );
};

const consumer = connect(brokers, `insurer-${payer}`).consumer({
  groupId: group || `${payer}.settlements`,
});
let heardAt = performance.now();
const stop = async () => {
  await consumer.disconnect();
  process.exit(0);
};

try {
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => restart || fail(error));
  consumer.on(consumer.events.GROUP_JOIN, () => (heardAt = performance.now()));
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { topic, partition, messages } }) => {
      for (const message of messages) handle(`${topic}/${partition}/${message.offset}`, message);
      // First the book, then the offset: a crash in between brings the same postings again, and
      // their ids are known.
      save();
      await consumer.commitOffsets([
        { topic, partition, offset: String(BigInt(messages.at(-1).offset) + 1n) },
      ]);
      heardAt = performance.now();
    },
  });
  console.log(`listening to ${topic}`);
} catch (error) {
  fail(error);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
if (idle) setInterval(() => performance.now() - heardAt > Number(idle) * 1000 && void stop(), 200);
