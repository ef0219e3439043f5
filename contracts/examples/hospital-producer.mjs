#!/usr/bin/env node
// A hospital's producer: one visit with two charges, written against the AsyncAPI document alone.
import { existsSync } from 'node:fs';
import { Partitioners } from 'kafkajs';
import { channel, connect, fail, options } from './partner.mjs';
import { keyIn, signed } from './signature.mjs';

const { brokers, institution, visit, person, day, key } = options(
  `node contracts/examples/hospital-producer.mjs --brokers HOST:PORT[,…] --institution ID --visit NUMBER
  --person p-… --key FILE
Sends a visit with two charges to the hospital's own topic, hospital.reports.<ID>:
VisitStarted, ChargePosted, ChargePosted, VisitEnded.
  --institution ID   the institution's code, as registered with the platform
  --visit NUMBER     the hospital's own number of the visit
  --person p-…       whom you resolved the credential to within the day (POST /v1/persons/resolve)
  --key FILE         your private key; made where there is none. Its public key is printed then:
                     give it to the platform's operator, and run again once it counts
  --day YYYY-MM-DD   the day of the visit; today unless told
Run again for the same day, it sends the same ids with the same content: a repetition, which changes nothing.
KAFKA_SSL=true, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD where the broker asks for them.`,
  ['brokers', 'institution', 'visit', 'person', 'key'],
  { day: new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10) },
);

const { topic, check } = channel('hospitalReports', { institutionId: institution });
const at = (time) => `${day}T${time}:00+08:00`;
const place = {
  visitId: `${institution}-${visit}`,
  institutionId: institution,
  visitNumber: visit,
};
const charge = (number, itemCode, yuan, time) => ({
  ...place,
  charge: {
    chargeId: `${visit}.${number}`,
    itemCode,
    quantity: '1',
    unitPriceYuan: `${yuan}.00`,
    amountFen: yuan * 100,
    occurredAt: at(time),
  },
});

/**
 * The id belongs to the fact, not to the attempt: sent again after a crash, the same fact has the
 * same id.
 */
const events = [
  [
    'VisitStarted',
    'started',
    at('09:00'),
    { ...place, personId: person, visitClass: 'outpatient', startedAt: at('09:00') },
  ],
  ['ChargePosted', 'charge/1', at('09:10'), charge(1, '110200001', 10, '09:10')],
  ['ChargePosted', 'charge/2', at('09:20'), charge(2, '210200001', 480, '09:20')],
  ['VisitEnded', 'ended', at('10:00'), { ...place, endedAt: at('10:00') }],
];

for (const [type, , , data] of events) {
  const faults = check(type, data);
  if (faults.length > 0) fail(new Error(`${type} breaks the contract: ${faults.join('; ')}`));
}
const isNew = !existsSync(key);
const own = keyIn(key, institution);
if (isNew) {
  console.log(JSON.stringify(own.publicKey));
  process.exit(0);
}

const messages = events.map(([type, id, time, data]) => {
  const message = {
    key: data.visitId,
    headers: {
      ce_specversion: '1.0',
      ce_id: `${institution}/${visit}/${id}`,
      ce_type: type,
      ce_source: `hospital/${institution}`,
      ce_time: time,
      'content-type': 'application/json',
    },
    value: JSON.stringify(data),
  };
  return signed(topic, message, own);
});

// Idempotent, with all replicas acknowledging: the broker neither loses a message nor stores it
// twice when the client tries again.
const producer = connect(brokers, `hospital-${institution}`).producer({
  idempotent: true,
  createPartitioner: Partitioners.DefaultPartitioner,
});
try {
  await producer.connect();
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
  for (const { key, headers } of messages)
    console.log(`sent ${headers.ce_type} ${headers.ce_id} (key ${key})`);
} catch (error) {
  fail(error);
}
