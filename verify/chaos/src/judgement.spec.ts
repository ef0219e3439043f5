import { findingsOf } from './findings';
import { THEIRS } from '../test/aside-fixture';
import { Aftermath, broken } from '../test/evidence-fixture';

const find = <Item>(items: readonly Item[], wanted: (item: Item) => boolean): Item =>
  items.find(wanted)!;
const fact = ({ facts }: Aftermath, type: string, visit: string): Aftermath['facts'][number] =>
  find(facts, (each) => each.type === type && each.data['visitId'].endsWith(visit));
const without = (aftermath: Aftermath, type: string, visit: string): void =>
  void (aftermath.facts = aftermath.facts.filter((each) => each !== fact(aftermath, type, visit)));
const message = ({ messages }: Aftermath, type: string): Aftermath['messages'][number] =>
  find(messages, (each) => each.type === type);

test('a platform that kept every promise is found to have done so, and each promise was looked at', () => {
  const findings = findingsOf(new Aftermath().evidence());
  expect(findings.filter(({ holds, checked }) => !holds || checked === 0)).toEqual([]);
  expect(findings).toHaveLength(40);
});

type Lie = readonly [what: string, promise: RegExp, lie: (aftermath: Aftermath) => void];

const LIES: readonly Lie[] = [
  [
    'a visit went on in another stream that nobody touched',
    /^no one else is set aside/,
    (a) => void a.setAside.push({ ...a.setAside[0]!, stream: 'visit-CH001-V1' }),
  ],
  [
    'a visit that was touched never went on',
    /^no one else is set aside/,
    (a) => void (a.setAside[0]!.continuedIn = null),
  ],
  [
    'another visit is said to be set aside',
    /^no one else is set aside/,
    (a) => void (message(a, 'VisitSetAside').data['visitId'] = 'CH001-V1'),
  ],
  [
    'nobody is told that a visit goes on',
    /^no one else is set aside/,
    (a) => void (a.messages = a.messages.filter(({ type }) => type !== 'VisitResumed')),
  ],
  [
    'a wrong visit is set aside in the place of the one that was touched',
    /^the visits whose streams others touched/,
    (a) => void (a.standing.rows[0]!.stream = 'visit-CH001-V1'),
  ],
  [
    'a visit stands aside beside the one that was touched',
    /^the visits whose streams others touched/,
    (a) => void a.standing.rows.push({ ...a.standing.rows[0]!, stream: 'visit-CH001-V1' }),
  ],
  [
    'a visit is set aside from an event on that is ours',
    /^the visits whose streams others touched/,
    (a) => void (a.standing.rows[0]!.revision = 1),
  ],
  [
    'one process of the ledger has not learned of it',
    /^each ledger process says/,
    (a) => void (a.standing.processes[1]!.gauge = 0),
  ],
  ['payment moves its money', /^each ledger process says/, (a) => void a.standing.held.pop()],
  [
    'payment holds another',
    /^each ledger process says/,
    (a) => void a.standing.held.push({ visitId: 'CH001-V1', isHeld: true }),
  ],
  [
    'a visit that is set aside answers as if nothing were wrong',
    /^a visit that is set aside answers/,
    (a) => void a.standing.answers.set('CH001-V2', undefined),
  ],
  [
    'a message of another visit waits',
    /^a visit that is set aside answers/,
    (a) => void (a.standing.waiting[0]!.visitId = 'CH001-V1'),
  ],
  [
    'a visit that nobody touched is not over',
    /^everybody else’s visits/,
    (a) => void (a.standing.shown[0]!.status = 'closed'),
  ],
  [
    'more visits are passed over than were touched',
    /^everybody else’s visits/,
    (a) => void a.standing.shown.push(a.standing.shown[1]!),
  ],
  [
    'a command is taken on an older copy of the log',
    /^nothing was written into an older copy/,
    (a) => void a.standing.strayed.push({ stream: 'visit-CH001-V1', type: 'ChargeDeferred' }),
  ],
  [
    'a visit goes on though nobody named what it leaves out',
    /^a visit goes on once/,
    (a) => void (a.resumed[0]!.asItIs = undefined),
  ],
  [
    'a visit does not go on',
    /^a visit goes on once/,
    (a) => void (a.resumed[0]!.mended = 'FACTS_LEFT_OUT'),
  ],
  [
    'what waited was applied in another order',
    /^what waited for a visit/,
    (a) => void (a.standing.waiting[0]!.offsetNo = 2),
  ],
  [
    'a fact of ours is not copied',
    /^a visit into which others wrote/,
    (a) => void (a.facts = a.facts.filter(({ metadata }) => metadata?.['copiedFrom'] !== '1')),
  ],
  [
    'another writer’s event is copied',
    /^a visit into which others wrote/,
    (a) =>
      void Object.assign(
        find(a.facts, ({ metadata }) => metadata?.['copiedFrom'] === '1'),
        {
          ...{ id: THEIRS.eventId, type: 'VisitSettled' },
        },
      ),
  ],
  [
    'another visit goes on elsewhere',
    /^a visit into which others wrote/,
    (a) =>
      void a.facts.push({
        ...fact(a, 'VisitOpened', 'V1'),
        ...{ stream: 'visit-CH001-V1~2', metadata: { copiedFrom: '0' } },
      }),
  ],
  [
    'another writer’s event is published',
    /^every public fact/,
    (a) =>
      void a.messages.push({
        ...message(a, 'VisitOpened'),
        ...{ type: 'VisitSettled', id: THEIRS.eventId },
      }),
  ],
  [
    'a copy is published under an id of its own',
    /^every public fact/,
    (a) => void a.messages.push({ ...message(a, 'VisitCancelled'), id: 'a copy' }),
  ],
  [
    'an event of which nobody knows breaks the chain too',
    /^the audit chain/,
    (a) =>
      void (a.tamper = (rows) =>
        rows.map((row) => (row.id === 'updated' ? { ...row, hash: Buffer.alloc(32) } : row))),
  ],
  [
    'the ledger’s own proof knows of no fault',
    /^the audit chain/,
    (a) => void (a.proof.knownFaults = 0),
  ],
  [
    'a lost right parks a message',
    /^no message was parked because/,
    (a) => void (a.parked[0]!.reason = 'EventStoreUnavailable: append was refused (42501)'),
  ],
  [
    'a charge that was acknowledged is missing',
    /^every charge that was acknowledged is on/,
    (a) =>
      void a.book.visits.get('CH001-V2')!.charges.set('lost', {
        amountsFen: new Set([5]),
        isAcknowledged: true,
        contents: new Set(),
      }),
  ],
  [
    'a charge is there twice',
    /^every charge that was acknowledged is on/,
    (a) => void a.facts.push({ ...fact(a, 'ChargeDeferred', 'V2'), id: 'again' }),
  ],
  [
    'a charge has another amount',
    /^every charge that was acknowledged is on/,
    (a) => void (fact(a, 'ChargeDeferred', 'V2').data['charge'].amountFen = 701),
  ],
  [
    'a charge was never sent',
    /^every charge that was acknowledged is on/,
    (a) => void a.book.visits.get('CH001-V2')!.charges.delete('c'),
  ],
  [
    'a charge waits for ever',
    /^every charge on the ledger is decided/,
    (a) => void (fact(a, 'ChargeNotDeferred', 'V3').type = 'ChargeWaiting'),
  ],
  [
    'a return is missing',
    /^every acknowledged return/,
    (a) =>
      void a.book.visits.get('CH001-V2')!.returns.set('c.CD', {
        chargeId: 'c',
        amountFen: 700,
        isBad: false,
        messageId: 'said c.CD',
      }),
  ],
  [
    'a charge is taken back that nobody took back',
    /^every acknowledged return/,
    (a) => void a.book.visits.get('CH001-V1')!.returns.clear(),
  ],
  [
    'a conflict is not reported',
    /^the same charge id with another content/,
    (a) => without(a, 'ChargeConflictFound', 'V1'),
  ],
  [
    'a visit is never closed',
    /^every visit that its hospital ended/,
    (a) => void a.facts.splice(a.facts.length - 3),
  ],
  [
    'a cancelled visit stands',
    /^every visit that its hospital ended/,
    (a) => without(a, 'VisitCancelled', 'V2'),
  ],
  [
    'a verdict does not add up',
    /^in every visit of the ledger gross/,
    (a) => void (fact(a, 'VisitAdjudicated', 'V3').data['patientDueFen'] = 1999),
  ],
  [
    'an amount is half a fen',
    /^in every visit of the ledger gross/,
    (a) => void (fact(a, 'PaymentMissed', 'V3').data['owedFen'] = 0.5),
  ],
  [
    'an acknowledged message never reached the bus',
    /^every message that a door acknowledged/,
    (a) => void a.book.messageIds.add('said into the void'),
  ],
  [
    'a fact is not published',
    /^every public fact/,
    (a) => void (a.messages = a.messages.filter(({ type }) => type !== 'VisitCancelled')),
  ],
  [
    'a return is not published',
    /^every public fact/,
    (a) => void (a.messages = a.messages.filter(({ type }) => type !== 'ChargeReversed')),
  ],
  [
    'something is published that never happened',
    /^every public fact/,
    (a) =>
      void a.messages.push({
        ...(message(a, 'HoldIncreaseRequested') ?? message(a, 'VisitOpened')),
        type: 'PaymentMissed',
        id: 'invented',
      }),
  ],
  [
    'an id comes again with another content',
    /^the same event id/,
    (a) =>
      void a.messages.push({
        ...message(a, 'PaymentCaptured'),
        data: { visitId: 'CH001-V1', paymentId: 'o9' },
      }),
  ],
  [
    'a settlement is posted twice under two ids',
    /^each effect is published under one id/,
    (a) => void a.messages.push({ ...message(a, 'SettlementPosted'), id: 's1 again' }),
  ],
  [
    'a charge is decided twice, and not the same',
    /^each effect is published under one id/,
    (a) =>
      void a.messages.push({
        ...message(a, 'ChargeDeferred'),
        type: 'ChargeNotDeferred',
        id: 'another decision',
      }),
  ],
  [
    'a line was exceeded',
    /^no line was ever exceeded/,
    (a) => void (a.credit.entries[3]!.lineFen = 69_999),
  ],
  ['an entry is missing', /^no line was ever exceeded/, (a) => void a.credit.entries.splice(2, 1)],
  [
    'an account is not the sum of its entries',
    /^no line was ever exceeded/,
    (a) => void (a.credit.accounts[0]!.outstandingFen = 1999),
  ],
  [
    'a hold is left over',
    /^every hold is accounted for/,
    (a) => void (a.credit.holds[1]!.heldFen = 20_000),
  ],
  [
    'less is outstanding than is owed',
    /^every hold is accounted for/,
    (a) => void (a.credit.holds[2]!.outstandingFen = 1000),
  ],
  ['a visit has no hold', /^every hold is accounted for/, (a) => void a.credit.holds.splice(1, 1)],
  [
    'a child’s hold is not on the guardian’s line',
    /^every hold is accounted for/,
    (a) => void (a.credit.holds[2]!.account = 'p-3'),
  ],
  [
    'a message changed a line twice',
    /^no message changed a line twice/,
    (a) => Object.assign(a.credit.entries[6]!, { causeId: 'cause-6', kind: 'Due' }),
  ],
  [
    'a visit’s debits differ from its credits, though the sums agree',
    /^debits equal credits in payment/,
    (a) => void ((a.payment.journal[0]!.debitFen += 1), (a.payment.journal.at(-1)!.creditFen += 1)),
  ],
  [
    'the journal says another due than the ledger',
    /^debits equal credits in payment/,
    (a) =>
      void ((a.payment.journal.at(-2)!.debitFen -= 1), (a.payment.journal.at(-1)!.creditFen -= 1)),
  ],
  [
    'a collection is still being sent',
    /^due = paid/,
    (a) => void (a.payment.collections[1]!.status = 'sending'),
  ],
  [
    'a refund is asked for and never made',
    /^due = paid/,
    (a) => void (a.payment.collections[0]!.refundingFen = 400),
  ],
  [
    'a settled visit was never collected',
    /^due = paid/,
    (a) => void a.payment.collections.splice(0, 1),
  ],
  [
    'an insurer hears another part than was adjudicated',
    /^gross = the insurers/,
    (a) => void (message(a, 'SettlementPosted').data['postedFen'] = 601),
  ],
  [
    'adjudication says another due',
    /^gross = the insurers/,
    (a) =>
      Object.assign(a.claims[1]!, {
        patientDueFen: 1000,
        payers: [{ payerId: 'city-employee', amountFen: 1000 }],
      }),
  ],
  [
    'a capture is not on the ledger',
    /^every capture and refund/,
    (a) => void (fact(a, 'PaymentRecorded', 'V1').data['paymentId'] = 'o9'),
  ],
  [
    'a capture is not on payment’s books',
    /^every capture and refund/,
    (a) => a.payment.captures.clear(),
  ],
  [
    'a refund is refused',
    /^every capture and refund/,
    (a) => void (a.payment.refunds[0]!.status = 'refused'),
  ],
  [
    'a payment in process was never asked for again',
    /^every capture and refund/,
    (a) =>
      void a.acquirer.push({
        type: 'payment',
        payment: { orderId: 'o2', amountFen: 1, status: 'processing', at: '2026-03-02T01:00:00Z' },
      }),
  ],
  [
    'the acquirer took a due twice and gave it back',
    /^the acquirer took nothing twice/,
    (a) =>
      void a.acquirer.splice(2, 0, {
        type: 'payment',
        payment: { orderId: 'o2', amountFen: 900, status: 'captured', at: '2026-03-02T01:00:00Z' },
      }),
  ],
  [
    'a day does not reconcile',
    /^payment’s own reconciliation/,
    (a) => void (a.reconciled[0]!.agrees = false),
  ],
  [
    'a movement is in no day',
    /^payment’s own reconciliation/,
    (a) => void (a.reconciled[0]!.matched = 1),
  ],
  [
    'a view shows another sum',
    /^every visit is shown/,
    (a) => void (a.views.visits[0]!.grossFen = 1001),
  ],
  ['a view shows a visit too few', /^every visit is shown/, (a) => void a.views.visits.pop()],
  [
    'the ledger’s own check finds a difference',
    /^every view equals the fold/,
    (a) => a.views.check.views[0]!.differences.push('CH001-V1'),
  ],
  [
    'a rebuild gives other rows',
    /^every view equals the fold/,
    (a) => void (a.views.rebuilt.isSame = false),
  ],
  [
    'the double-entry book does not balance',
    /^debits equal credits in the ledger/,
    (a) => void (a.views.balances[1]!.creditFen += 1),
  ],
  [
    'patients owe another sum in the book',
    /^debits equal credits in the ledger/,
    (a) =>
      a.views.balances.forEach((row) =>
        row.account === 'patients' ? (row.debitFen += 1) : (row.creditFen += 1),
      ),
  ],
  [
    'an event was changed',
    /^the audit chain/,
    (a) =>
      void (a.tamper = (rows) =>
        rows.map((row) =>
          row.position === 3 ? { ...row, data: row.data.replace('"a"', '"A"') } : row,
        )),
  ],
  [
    'an event was dropped',
    /^the audit chain/,
    (a) => void (a.tamper = (rows) => rows.filter(({ position }) => position !== 5)),
  ],
  [
    'a whole stream was dropped',
    /^the audit chain/,
    (a) => void (a.tamper = (rows) => rows.filter(({ stream }) => stream !== 'visit-CH001-V2')),
  ],
  [
    'the last event was written anew by somebody who knows no chain',
    /^the audit chain/,
    (a) =>
      void (a.tamper = (rows) =>
        rows.map((row, index) =>
          index === rows.length - 1 ? { ...row, recordedAt: new Date(0) } : row,
        )),
  ],
  [
    'the ledger’s own proof finds a fault',
    /^the audit chain/,
    (a) => void (a.proof.intact = false),
  ],
  [
    'a notice was never written down',
    /^every notice that was due/,
    (a) => void (a.tell = (rows) => void rows.pop()),
  ],
  [
    'a notice failed',
    /^every notice that was due/,
    (a) => void (a.tell = (rows) => void (rows[0]!.status = 'failed')),
  ],
  [
    'a webhook did not arrive',
    /^every notice that was due/,
    (a) => void (a.tell = (_, { webhooks }) => void webhooks.pop()),
  ],
  [
    'a mail was sent that nobody was due',
    /^every notice that was due/,
    (a) => void (a.tell = (_, { mails }) => void mails.push('surprise')),
  ],
  [
    'a mail was sent twice',
    /^no mail was sent twice/,
    (a) => void (a.tell = (_, { mails }) => void mails.push(mails[0]!)),
  ],
  ['something stays parked', /^nothing stays parked/, (a) => void (a.parked[0]!.status = 'parked')],
  [
    'a parked message was given up',
    /^nothing stays parked/,
    (a) => void (a.parked[0]!.status = 'discarded'),
  ],
  [
    'what was sent in error was applied',
    /^what was rejected/,
    (a) => void (a.messages = a.messages.filter(({ type }) => type !== 'SubmissionRejected')),
  ],
  [
    'a good message was rejected',
    /^what was rejected/,
    (a) =>
      void a.messages.push({
        ...a.messages.find(({ type }) => type === 'SubmissionRejected')!,
        id: 'another',
        data: { visitId: 'CH001-V1', institutionId: 'CH001', submissionId: 'said a' },
      }),
  ],
  [
    'a charge for another was taken in',
    /^every message that names another/,
    (a) => void a.book.mistaken.push({ visitId: 'CH001-V1', kind: 'charges' }),
  ],
  [
    'a charge for another was refused with another reason',
    /^every message that names another/,
    (a) => void (a.quarantine[0]!.reason = 'AMOUNT_MISMATCH'),
  ],
  [
    'a door refused a good message',
    /^no door refused/,
    (a) => void a.book.refusals.push({ visitId: 'CH001-V1', kind: 'end', code: 'AE' }),
  ],
  [
    'a good message is in quarantine',
    /^no door refused/,
    (a) => void a.quarantine.push({ door: 'http', reason: 'NOT_JSON', status: 'open' }),
  ],
  ['a log has a name', /^no personal data/, (a) => void a.texts.push('could not find 王混一')],
  [
    'a log has a name as JSON may escape it',
    /^no personal data/,
    (a) => void a.texts.push('{"name":"\\u738b\\u6df7\\u4e00"}'),
  ],
  [
    'a log has an ID number',
    /^no personal data/,
    (a) => void a.texts.push('{"idNumber":"330106198501011234"}'),
  ],
];

test.each(LIES)('it is found when %s', (_, promise, lie) => {
  expect(broken(lie)).toContainEqual(expect.stringMatching(promise));
});

test('there is a lie for every promise', () => {
  const promises = findingsOf(new Aftermath().evidence()).map(({ promise }) => promise);
  expect(promises.filter((promise) => !LIES.some(([, pattern]) => pattern.test(promise)))).toEqual(
    [],
  );
});

test('mails that nobody can be sure of are told, and break no promise', () => {
  const aftermath = new Aftermath();
  aftermath.tell = (rows, { mails }) => {
    find(rows, ({ noticeId }) => noticeId === mails[0]).status = 'unconfirmed';
    mails.shift();
  };
  expect(
    find(findingsOf(aftermath.evidence()), ({ promise }) => promise.startsWith('every notice')),
  ).toMatchObject({
    holds: true,
    details: expect.stringContaining('1 mails are unconfirmed, of which 1 did not arrive'),
  });
});

test('a promise that nothing was checked for does not hold', () => {
  const aftermath = new Aftermath();
  aftermath.acquirer.splice(0);
  expect(
    findingsOf(aftermath.evidence()).find(({ promise }) =>
      promise.startsWith('the acquirer took nothing twice'),
    ),
  ).toMatchObject({ holds: false, details: 'there was nothing to look at' });
});
