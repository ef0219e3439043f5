import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import iconv from 'iconv-lite';
import {
  type EventLine,
  eventLines,
  type Hl7Message,
  hl7Line,
  type HttpLine,
  httpLine,
} from './feed-lines';
import { malformedOf } from './malformed';
import { chance, charsets, citizens, INSTITUTIONS, planted } from './planted-day';
import type { Planted } from './troubles';
import { DAY, outpatient, type PlannedVisit, type Step } from './visit-plan';

type Phase = 'day' | 'evening';
const phaseOf = (at: string): Phase => (at >= `${DAY}T18:00` ? 'evening' : 'day');
const byTime = <Item extends { readonly at: string }>(items: readonly Item[]): Item[] =>
  items
    .map((item, index) => ({ item, index }))
    .sort((a, b) => (a.item.at === b.item.at ? a.index - b.index : a.item.at < b.item.at ? -1 : 1))
    .map(({ item }) => item);

const root = join(__dirname, '../../../samples');
const write = (path: string, content: string | Buffer): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};
for (const folder of ['setup', 'day', 'evening'])
  rmSync(join(root, folder), { recursive: true, force: true });

let controlNumber = 0;
const nextControlId = (): string => `M${String((controlNumber += 1)).padStart(6, '0')}`;
const stepsOf = (institutionId: string): { at: string; visit: PlannedVisit; step: Step }[] =>
  byTime(
    planted
      .filter(({ visit }) => visit.institutionId === institutionId)
      .flatMap(({ visit }) => visit.steps.map((step) => ({ at: step.at, visit, step }))),
  );
const inPhases = <Item extends { readonly at: string }>(
  items: readonly Item[],
): [Phase, Item[]][] =>
  (['day', 'evening'] as const).map((phase) => [
    phase,
    items.filter((item) => phaseOf(item.at) === phase),
  ]);
const afterwards = (
  expectation: Planted['expectation'],
  trouble: string,
  expect: Planted['expectation']['expect'] = {},
): void => {
  const index = planted.findIndex((each) => each.expectation.visitId === expectation.visitId);
  planted[index] = {
    ...planted[index]!,
    expectation: { ...expectation, trouble, expect: { ...expectation.expect, ...expect } },
  };
};
const refused: { trouble: string; code: string; count: number }[] = [];

interface SentMessage extends Hl7Message {
  readonly visitId: string;
  readonly kind: Step['kind'];
}

/** Messages that HZ001 sends twice, changed or under an id that it used before. */
const plantRepeats = (messages: SentMessage[], plain: readonly Planted[]): void => {
  const chargesOfVisit = (index: number): { at: number; expectation: Planted['expectation'] } => {
    const { expectation } = plain[index]!;
    return {
      at: messages.findIndex(
        (message) => message.visitId === expectation.visitId && message.kind === 'charges',
      ),
      expectation,
    };
  };
  for (let index = 0; index < 6; index += 1) {
    const { at, expectation } = chargesOfVisit(index);
    messages.splice(at + 1, 0, messages[at]!);
    afterwards(expectation, 'a message sent twice, to the letter');
  }
  for (let index = 6; index < 10; index += 1) {
    const { at, expectation } = chargesOfVisit(index);
    const controlId = nextControlId();
    messages.splice(at + 2, 0, {
      ...messages[at]!,
      controlId,
      text: messages[at]!.text.replace(messages[at]!.controlId, controlId),
    });
    afterwards(expectation, 'a charge sent again in a new message');
  }
  for (let index = 10; index < 12; index += 1) {
    const { at, expectation } = chargesOfVisit(index);
    const controlId = nextControlId();
    const tampered = messages[at]!.text.replace(messages[at]!.controlId, controlId)
      .replace(/^(FT1\|1\|.*?\|)1\|1\.00&CNY\|1\.00&CNY/m, '$11|5.00&CNY|5.00&CNY')
      .replace(/^(FT1\|1\|.*?\|)1\|16\.00&CNY\|16\.00&CNY/m, '$11|61.00&CNY|61.00&CNY');
    messages.splice(at + 1, 0, { ...messages[at]!, controlId, text: tampered });
    afterwards(expectation, 'the same charge id with another amount', { conflicts: 1 });
  }
  const { at, expectation } = chargesOfVisit(12);
  messages.splice(at + 1, 0, {
    ...messages[at]!,
    text: messages[at]!.text.replace(/\|1\|(\d+\.\d\d)&CNY/, '|2|$1&CNY'),
  });
  afterwards(expectation, 'a message id used again for another message');
  refused.push({
    trouble: 'a message id used again for another message',
    code: 'MESSAGE_ID_REUSED',
    count: 1,
  });
};

/** Messages in other charsets, broken ones, and one of a person whom no index knows. */
const writeStrangeMessages = (plain: readonly Planted[]): void => {
  for (const { charset, planted: each } of charsets) {
    planted.push(each);
    const texts = each.visit.steps.map(
      (step) => hl7Line(each.visit, step, nextControlId(), charset).text,
    );
    write(
      `day/HZ001/20-${charset.toLowerCase()}.hl7`,
      iconv.encode(`${texts.join('\n\n')}\n`, charset === 'BIG5' ? 'big5' : 'gb18030'),
    );
  }
  for (const { trouble, code, file, bytes } of malformedOf(plain[20]!.visit, nextControlId)) {
    write(`day/HZ001/30-${file}.hl7`, bytes);
    refused.push({ trouble, code, count: 1 });
  }
  const stranger = outpatient(chance, {
    institutionId: 'HZ001',
    visitNumber: 'V9001',
    citizen: { ...plain[0]!.visit.citizen, idNumber: '11010519491231002X', name: '陌生' },
  });
  write(
    'day/HZ001/31-person-unknown.hl7',
    hl7Line(stranger, stranger.steps[0]!, nextControlId()).text,
  );
  refused.push({ trouble: 'a person whom no index knows', code: 'PERSON_UNKNOWN', count: 1 });
};

const hl7Feed = (): void => {
  const messages: SentMessage[] = stepsOf('HZ001').map(({ visit, step }) => ({
    ...hl7Line(visit, step, nextControlId()),
    visitId: `HZ001-${visit.visitNumber}`,
    kind: step.kind,
  }));
  const plain = planted.filter(
    ({ visit, expectation }) => visit.institutionId === 'HZ001' && !expectation.trouble,
  );
  plantRepeats(messages, plain);
  for (const [phase, items] of inPhases(messages)) {
    const hours = new Map<string, string[]>();
    for (const item of items) {
      const hour = item.at < DAY ? '00h-earlier-days' : `${item.at.slice(11, 13)}h`;
      hours.set(hour, [...(hours.get(hour) ?? []), item.text]);
    }
    for (const [hour, texts] of hours)
      write(`${phase}/HZ001/${hour}.hl7`, `${texts.join('\n\n')}\n`);
  }
  writeStrangeMessages(plain);
};

const jsonl = (lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const httpFeed = (): void => {
  const lines: HttpLine[] = stepsOf('HZ002').map(({ visit, step }, index) =>
    httpLine(visit, step, `HZ002-${String(index + 1).padStart(5, '0')}`),
  );
  const charges = lines.filter(
    (line) => line.path.endsWith('/charges') && line.at < `${DAY}T18:00`,
  );
  lines.push(...charges.slice(0, 4).map((line) => ({ ...line })));
  const [reused, broken, priceless] = [charges[5]!, charges[6]!, charges[7]!];
  lines.push({
    ...reused,
    body: { charges: [{ ...(reused.body as { charges: object[] }).charges[0], quantity: '2' }] },
  });
  refused.push({
    trouble: 'an idempotency key used again for another request',
    code: 'IDEMPOTENCY_KEY_REUSED',
    count: 1,
  });
  lines.push({
    ...broken,
    idempotencyKey: 'HZ002-broken-1',
    body: { charges: [{ chargeId: 'x' }] },
  });
  lines.push({
    ...priceless,
    idempotencyKey: 'HZ002-broken-2',
    body: { charges: [{ ...(priceless.body as { charges: object[] }).charges[0], amountFen: -5 }] },
  });
  refused.push({
    trouble: 'a request that does not fit the contract',
    code: 'REQUEST_INVALID',
    count: 2,
  });
  for (const [phase, items] of inPhases(byTime(lines)))
    write(`${phase}/HZ002/requests.jsonl`, jsonl(items));
};

const eventFeed = (): void => {
  const lines: EventLine[] = stepsOf('HZ003').flatMap(({ visit, step }, index) =>
    eventLines(visit, step, `HZ003-${String(index + 1).padStart(5, '0')}`),
  );
  const charges = lines.filter((line) => line.type === 'ChargePosted' && line.at < `${DAY}T18:00`);
  lines.push(...charges.slice(0, 3).map((line) => ({ ...line })));
  lines.push({
    ...charges[9]!,
    id: 'HZ003-broken-1',
    data: { ...charges[9]!.data, charge: { chargeId: 'no amount' } },
  });
  lines.push({ ...charges[10]!, id: 'HZ003-broken-2', type: 'ChargeInvented' });
  for (const [phase, items] of inPhases(byTime(lines)))
    write(`${phase}/HZ003/events.jsonl`, jsonl(items));
};

hl7Feed();
httpFeed();
eventFeed();
const payer = planted.find(
  ({ expectation }) => expectation.trouble === 'the bank declines; the debt stays',
)!;
afterwards(payer.expectation, 'the bank declines; the citizen pays in the evening', {
  status: 'settled',
  missedReason: null,
});
write(
  'evening/citizens/payments.jsonl',
  jsonl([
    {
      visitId: payer.expectation.visitId,
      channel: 'wechat',
      token: `tok-${payer.visit.citizen.citizen.toLowerCase()}-wechat:ok`,
    },
  ]),
);
write('setup/institutions.json', `${JSON.stringify(INSTITUTIONS, null, 2)}\n`);
write(
  'setup/citizens.json',
  `[\n${citizens.all.map((citizen) => `  ${JSON.stringify(citizen)}`).join(',\n')}\n]\n`,
);
write(
  'expectations.json',
  `${JSON.stringify(
    {
      businessDate: DAY,
      refused,
      parked: [
        { trouble: 'published events that break the contract', service: 'gateway', count: 2 },
      ],
      visits: planted.map(({ expectation }) => expectation),
    },
    null,
    1,
  )}\n`,
);
process.stdout.write(
  `samples: ${planted.length} visits, ${citizens.all.length} citizens, ${controlNumber} HL7 messages\n`,
);
