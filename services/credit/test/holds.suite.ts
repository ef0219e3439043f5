import { expectEntriesToExplain } from './entries';
import {
  businessDateOf,
  type ConsentPurpose,
  type ContractEvent,
  type EventData,
  identityPersons,
  type Presence,
  paymentPayments,
  type Topic,
  visitLedgerVisits,
  type VisitClass,
} from '@caretab/contracts';
import { freshOf } from '@caretab/bus';
import { assert, derivedId } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { fixedClock, type FixedClock } from '@caretab/doubles';
import type { Account, Entry } from '../src/account/account';
import { accountTable, entryTable } from '../src/account/account.table';
import { Accounts } from '../src/account/accounts';
import { Arrears } from '../src/arrears/arrears';
import { type ArrearsPolicy, arrearsPolicy } from '../src/arrears/arrears-policy';
import { Objections } from '../src/arrears/objections';
import { WriteOffs } from '../src/arrears/write-offs';
import { Closings } from '../src/enrolment/closings';
import { Deaths } from '../src/enrolment/deaths';
import { Enrolments } from '../src/enrolment/enrolments';
import { Revocations } from '../src/enrolment/revocations';
import { Grants } from '../src/hold/grants';
import { HoldConsumer, IGNORED } from '../src/hold/hold.consumer';
import { HoldExpiry } from '../src/hold/hold-expiry';
import { holdPolicy } from '../src/hold/hold-policy';
import { HoldPauses } from '../src/hold/hold-pauses';
import { Holds } from '../src/hold/holds';
import { holdTable } from '../src/hold/hold.table';
import type { VisitEvent } from '../src/hold/visit-locks';
import { BankLines } from '../src/lender/bank-lines';
import { LoanRepairs } from '../src/lender/loan-repairs';
import { LoanNotices } from '../src/lender/loan-notices';
import { VisitConfirmations } from '../src/confirmation/visit-confirmations';
import { Loans } from '../src/lender/loans';
import { LinePolicies } from '../src/policy/line-policies';
import { PolicyDesk } from '../src/policy/policy-desk';
import { PolicyRollout } from '../src/policy/policy-rollout';
import { Appeals } from '../src/appeal/appeals';
import { Merges } from '../src/merge/merges';
import { Scores } from '../src/score/scores';
import { ScoreQueries } from '../src/score/score-queries';
import { ScoreWarnings } from '../src/score/score-warnings';
import { type LinePolicy, linePolicies } from '../src/policy/line-policy';

import { MemoryCreditPlatform } from './memory-credit-platform';
import { MemoryLender } from './memory-lender';

export const personOf = (name: string): string => `p-${derivedId('test person', name)}`;
export const visitOf = (name: string): string => `H1-${name}`;

type Published = {
  readonly topic: string;
  readonly type: string;
  readonly id: string;
  readonly data: any;
};

/**
 * Credit without its doors: events go in as the consumer would hand them over, and what was
 * published comes out.
 */
export class CreditFixture {
  readonly clock: FixedClock = fixedClock('2026-03-02T00:00:00Z');
  readonly accounts: Accounts;
  readonly merges: Merges;
  readonly enrolments: Enrolments;
  readonly closings: Closings;
  readonly holds: Holds;
  readonly grants: Grants;
  readonly policies: LinePolicies;
  readonly scores: Scores;
  readonly warnings: ScoreWarnings;
  readonly platform: MemoryCreditPlatform;
  readonly queries: ScoreQueries;
  /** What became of the credit platform's answers. */
  readonly answers: string[] = [];
  readonly appeals: Appeals;
  readonly rollout: PolicyRollout;
  readonly desk: PolicyDesk;
  readonly pauses: HoldPauses;
  readonly expiry: HoldExpiry;
  readonly lender = new MemoryLender();
  readonly loans: Loans;
  readonly bankLines: BankLines;
  readonly loanNotices: LoanNotices;
  readonly repairs: LoanRepairs;
  readonly confirmations: VisitConfirmations;
  readonly arrears: Arrears;
  readonly objections: Objections;
  readonly writeOffs: WriteOffs;
  readonly revocations: Revocations;
  readonly deaths: Deaths;
  readonly consumer: HoldConsumer;
  private events = 0;

  /** `name` sets the events of one world apart from those of another on the same rows. */
  constructor(
    readonly store: Store,
    private readonly name = 'event',
    policies: readonly LinePolicy[] = linePolicies,
    arrears: ArrearsPolicy = arrearsPolicy,
  ) {
    this.accounts = new Accounts({ store, clock: this.clock });
    const { clock, accounts } = this;
    this.policies = new LinePolicies({ store, clock, shipped: policies });
    this.closings = new Closings({ store, clock, accounts });
    this.bankLines = new BankLines({
      ...{ store, clock, policies: this.policies, lender: this.lender, count: () => undefined },
    });
    const { bankLines } = this;
    this.revocations = new Revocations({ store, closings: this.closings, bankLines });
    this.enrolments = new Enrolments({
      ...{ store, clock, accounts, closings: this.closings, policies: this.policies },
    });
    this.scores = new Scores({ store, clock, accounts, policies: this.policies });
    this.appeals = new Appeals({ store, clock, scores: this.scores });
    this.platform = new MemoryCreditPlatform();
    this.queries = new ScoreQueries({
      ...{ store, clock, scores: this.scores, platform: this.platform },
      count: (outcome) => void this.answers.push(outcome),
    });
    this.warnings = new ScoreWarnings({
      ...{ store, clock, policies: this.policies, queries: this.queries },
    });
    this.arrears = new Arrears({ store, clock, accounts, policy: arrears });
    this.merges = new Merges({ accounts, arrears: this.arrears, scores: this.scores });
    this.deaths = new Deaths({ accounts, arrears: this.arrears });
    this.objections = new Objections({ store, clock, arrears: this.arrears });
    this.writeOffs = new WriteOffs({ accounts, arrears: this.arrears });
    this.loans = new Loans({
      ...{ store, clock, accounts, policy: holdPolicy, lender: this.lender },
      count: () => undefined,
    });
    this.loanNotices = new LoanNotices({ store, clock, accounts });
    this.repairs = new LoanRepairs({ store, clock, accounts });
    const { loans } = this;
    this.confirmations = new VisitConfirmations({
      ...{ store, clock, accounts, policy: holdPolicy, loans },
      count: () => undefined,
    });
    const { confirmations } = this;
    this.grants = new Grants({
      ...{ clock, accounts, policy: holdPolicy, policies: this.policies, arrears: this.arrears },
      ...{ loans, bankLines, confirmations },
    });
    this.rollout = new PolicyRollout({
      store,
      clock,
      accounts,
      ...{ policies: this.policies, bankLines },
      pageLines: 2,
    });
    this.desk = new PolicyDesk({ store, clock, policies: this.policies, region: '330100' });
    this.holds = new Holds({
      ...{ clock, accounts, policy: holdPolicy, arrears: this.arrears, loans },
    });
    this.pauses = new HoldPauses({ clock: this.clock, policy: holdPolicy });
    this.expiry = new HoldExpiry({ store, clock: this.clock, policy: holdPolicy });
    this.consumer = new HoldConsumer(this.holds, this.pauses, this.grants);
  }

  /** A batch as the bus hands it over: each event once, in one transaction. */
  handleBatch(events: readonly ContractEvent<typeof visitLedgerVisits>[]): Promise<void> {
    return this.store.transact(async (transaction) => {
      const ours = events.filter(({ type }) => !(type in IGNORED));
      const fresh = await freshOf(transaction, 'credit.hold', ours);
      const keys = [...new Set(events.map(({ data }) => data.visitId))];
      await this.consumer.prepare(fresh, { transaction, keys });
      for (const event of fresh) await this.consumer.visits(event, { transaction });
    });
  }

  private event<T extends Topic, Type extends keyof T['events'] & string>(
    _topic: T,
    type: Type,
    data: EventData<T, Type>,
  ): ContractEvent<T, Type> {
    return {
      id: `${this.name}-${++this.events}`,
      type,
      time: this.clock.now().toISOString(),
      source: 'test',
      data,
    } as unknown as ContractEvent<T, Type>;
  }

  /** A grown person with this score, enrolled. 600 → a line of 100 000 fen. */
  async enrolled(name: string, score = 600): Promise<string> {
    const personId = await this.registered(name);
    await this.scores.put(personId, { score, scoredAt: this.clock.now() });
    await this.enrolments.open(personId);
    return personId;
  }

  async registered(name: string, minor = false): Promise<string> {
    const personId = personOf(name);
    await this.store.transact((transaction) =>
      this.enrolments.recordPerson(
        this.event(identityPersons, 'PersonRegistered', {
          personId,
          minor,
          registeredAt: this.clock.now().toISOString(),
        }),
        transaction,
      ),
    );
    return personId;
  }

  async guardian(child: string, guardian: string): Promise<void> {
    await this.store.transact((transaction) =>
      this.enrolments.recordPerson(
        this.event(identityPersons, 'GuardianAppointed', {
          personId: child,
          guardianId: guardian,
          appointedAt: this.clock.now().toISOString(),
        }),
        transaction,
      ),
    );
  }

  async guardianshipEnds(
    child: string,
    guardian: string,
    reason: 'CAME_OF_AGE' | 'PERIOD_OVER' | 'REVOKED',
  ): Promise<void> {
    const endedAt = this.clock.now().toISOString();
    const data = { personId: child, guardianId: guardian, reason, endedAt };
    const event = this.event(identityPersons, 'GuardianshipEnded', data);
    await this.store.transact((transaction) => this.enrolments.endGuardianship(event, transaction));
  }

  /** The person took these consents back, and no others. */
  async revokes(
    personId: string,
    revision: number,
    ...revoked: readonly ConsentPurpose[]
  ): Promise<void> {
    const changedAt = this.clock.now().toISOString();
    const data = { personId, revision, revoked: [...revoked], changedAt };
    const changed = this.event(identityPersons, 'ConsentsChanged', data);
    await this.store.transact((transaction) => this.revocations.record(changed, transaction));
  }

  /** The person agreed to a bank, and took nothing back, or `not`. */
  async agreesToBanks(personId: string, revision = 1, not = false): Promise<void> {
    const given: ConsentPurpose[] = not ? ['service'] : ['service', 'bank'];
    const changedAt = this.clock.now().toISOString();
    const revoked: ConsentPurpose[] = not ? ['bank'] : [];
    const data = { personId, revision, revoked, given, changedAt };
    const changed = this.event(identityPersons, 'ConsentsChanged', data);
    await this.store.transact((transaction) => this.revocations.record(changed, transaction));
  }

  /** It is recorded that the person has died. */
  async dies(personId: string, revision = 1): Promise<void> {
    const recordedAt = this.clock.now().toISOString();
    const died = this.event(identityPersons, 'PersonDied', { personId, revision, recordedAt });
    await this.store.transact((transaction) => this.deaths.record(died, transaction));
  }

  /** Identity has destroyed the person's data. */
  async forgets(personId: string): Promise<void> {
    const destroyed = this.event(identityPersons, 'PersonalDataDestroyed', {
      personId,
      erasureId: `e-${derivedId('test erasure', personId)}`,
      destroyedAt: this.clock.now().toISOString(),
    });
    await this.store.transact((transaction) => this.closings.forget(destroyed, transaction));
  }

  private visit(personId: string, name: string) {
    return { visitId: visitOf(name), institutionId: 'H1', personId };
  }

  private handle<Type extends keyof (typeof visitLedgerVisits)['events'] & string>(
    type: Type,
    data: EventData<typeof visitLedgerVisits, Type>,
    work: (
      event: ContractEvent<typeof visitLedgerVisits, Type>,
      transaction: Transaction,
    ) => Promise<void>,
  ): Promise<void> {
    const event = this.event(visitLedgerVisits, type, data);
    return this.store.transact((transaction) => work(event, transaction));
  }

  /** The ledger's log of the visit cannot be read. */
  setsAside(personId: string, name: string): Promise<void> {
    const setAsideAt = this.clock.now().toISOString();
    return this.handle(
      'VisitSetAside',
      { ...this.visit(personId, name), setAsideAt },
      (event, transaction) => this.pauses.begin(event, transaction),
    );
  }

  resumes(personId: string, name: string): Promise<void> {
    const resumedAt = this.clock.now().toISOString();
    return this.handle(
      'VisitResumed',
      { ...this.visit(personId, name), resumedAt },
      (event, transaction) => this.pauses.end(event, transaction),
    );
  }

  /** Events as they lie on the topic, for a batch. */
  opened(personId: string, name: string): VisitEvent {
    return this.event(visitLedgerVisits, 'VisitOpened', {
      ...this.visit(personId, name),
      visitClass: 'outpatient',
      startedAt: this.clock.now().toISOString(),
    });
  }

  deferred(personId: string, name: string): VisitEvent {
    return this.event(visitLedgerVisits, 'ChargeDeferred', {
      ...this.visit(personId, name),
      chargeId: `C${this.events}`,
      amountFen: 100,
      patientEstimateFen: 100,
    });
  }

  asked(
    personId: string,
    name: string,
    neededFen: number,
    requestId = `${name}-${neededFen}`,
  ): VisitEvent {
    return this.event(visitLedgerVisits, 'HoldIncreaseRequested', {
      ...this.visit(personId, name),
      requestId,
      neededFen,
      wantedFen: neededFen,
    });
  }

  opens(
    personId: string,
    name: string,
    visitClass: VisitClass = 'outpatient',
    presence?: Presence,
  ) {
    const startedAt = this.clock.now().toISOString();
    return this.handle(
      'VisitOpened',
      { ...this.visit(personId, name), visitClass, startedAt, ...(presence && { presence }) },
      (event, transaction) => this.grants.authorize(event, transaction),
    );
  }

  asks(
    personId: string,
    name: string,
    neededFen: number,
    wantedFen = neededFen,
    requestId = `${name}-${neededFen}-${wantedFen}`,
  ) {
    return this.handle(
      'HoldIncreaseRequested',
      { ...this.visit(personId, name), requestId, neededFen, wantedFen },
      (event, transaction) => this.grants.increase(event, transaction),
    );
  }

  lowers(personId: string, name: string, heldFen: number) {
    const data = { ...this.visit(personId, name), heldFen };
    return this.handle('HoldLowered', data, (...one) => this.holds.lower(...one));
  }

  adjudicated(
    personId: string,
    name: string,
    patientDueFen: number,
    revision = 1,
    accountPersonId = personId,
  ) {
    return this.handle(
      'VisitAdjudicated',
      {
        ...this.visit(personId, name),
        accountPersonId,
        closedAt: this.clock.now().toISOString(),
        revision,
        grossFen: patientDueFen,
        payers: [],
        patientDueFen,
      },
      (event, transaction) => this.holds.fixDue(event, transaction),
    );
  }

  settled(personId: string, name: string, paidFen: number, revision = 1, refundedFen = 0) {
    return this.handle(
      'VisitSettled',
      {
        ...this.visit(personId, name),
        accountPersonId: personId,
        revision,
        patientDueFen: paidFen - refundedFen,
        paidFen,
        refundedFen,
        settledAt: this.clock.now().toISOString(),
      },
      (event, transaction) => this.holds.payOff(event, transaction),
    );
  }

  cancelled(personId: string, name: string) {
    const data = { ...this.visit(personId, name), cancelledAt: this.clock.now().toISOString() };
    return this.handle('VisitCancelled', data, (...one) => this.holds.cancel(...one));
  }

  misses(personId: string, name: string, owedFen: number) {
    return this.handle(
      'PaymentMissed',
      {
        ...this.visit(personId, name),
        accountPersonId: personId,
        owedFen,
        reason: 'INSUFFICIENT_FUNDS',
      },
      (event, transaction) => this.holds.miss(event, transaction),
    );
  }

  /** Payment wrote so much of the visit off, in all. */
  async writtenOff(personId: string, name: string, writtenOffFen: number): Promise<void> {
    const event = this.event(paymentPayments, 'DueWrittenOff', {
      ...{ visitId: visitOf(name), accountPersonId: personId, paymentId: name },
      ...{ institutionId: 'H1', amountFen: writtenOffFen, writtenOffFen, reason: 'UNTRACEABLE' },
      writtenOffAt: this.clock.now().toISOString(),
    });
    await this.store.transact((transaction) => this.writeOffs.take(event, transaction));
  }

  /** So much of a write-off was paid. */
  async recovered(personId: string, name: string, amountFen: number, leftFen: number) {
    const event = this.event(paymentPayments, 'WriteOffReduced', {
      ...{ visitId: visitOf(name), accountPersonId: personId, paymentId: name },
      ...{ amountFen, writtenOffFen: leftFen, reason: 'PAID' },
      reducedAt: this.clock.now().toISOString(),
    });
    await this.store.transact((transaction) => this.writeOffs.reduce(event, transaction));
  }

  async account(personId: string): Promise<Account> {
    const account = await this.store.transact((transaction) =>
      transaction.rows(accountTable).get({ accountPersonId: personId }),
    );
    assert(account, 'the account of a test is there');
    return account;
  }

  /** Oldest first. */
  entries(personId: string): Promise<Entry[]> {
    return this.store.transact((transaction) =>
      transaction.rows(entryTable).find({ accountPersonId: personId }, { orderBy: 'sequence' }),
    );
  }

  hold(name: string) {
    return this.store.transact((transaction) =>
      transaction.rows(holdTable).get({ visitId: visitOf(name) }),
    );
  }

  /** A policy with these lines of scores up to 500, 600 and 1000 comes into force tomorrow. */
  async approves([low, middle, high]: readonly [number, number, number]): Promise<string> {
    const { document } = this.policies.inForce();
    const source = 'own';
    const effectiveFrom = businessDateOf(new Date(this.clock.now().getTime() + 86_400_000));
    const bands = [
      { fromScore: 0, toScore: 500, lineFen: low, source },
      { fromScore: 501, toScore: 600, lineFen: middle, source },
      { fromScore: 601, toScore: 1000, lineFen: high, source },
    ];
    const sources = [{ sourceId: source, title: 'A test.', grade: 'own' as const }];
    const { policy } = await this.desk.put(
      {
        ...{ ...document, policyId: `test-${effectiveFrom}`, effectiveFrom, sources, bands },
        score: { ...document.score!, source },
      },
      'ann',
    );
    await this.desk.dryRun(policy.version);
    await this.desk.approve(policy.version, 'ben');
    return policy.version;
  }

  /** What was published since the last look. */
  async published(): Promise<Published[]> {
    const messages = await this.store.unpublished(100_000);
    await this.store.markPublished(messages.map(({ id }) => id));
    return messages.map(({ topic, headers, value }) => ({
      topic,
      type: headers['ce_type']!,
      id: headers['ce_id']!,
      data: value,
    }));
  }

  async last(): Promise<Published | undefined> {
    return (await this.published()).at(-1);
  }
}

export { expectEntriesToExplain };

/** The invariant of the line under concurrent load, held by both stores. */
export const lineSuite = (open: () => Promise<Store>): void => {
  test('200 concurrent authorizations and increases never take holds and outstanding above the line', async () => {
    const world = new CreditFixture(await open());
    const guardian = await world.enrolled('guardian', 650);
    const child = await world.registered('child', true);
    await world.guardian(child, guardian);
    await world.enrolments.open(child);
    await world.published();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        world.opens(index % 3 === 0 ? child : guardian, `v${index}`),
      ),
    );
    await Promise.all(
      Array.from({ length: 180 }, (_, index) => {
        const name = `v${index % 30}`;
        const person = (index % 30) % 3 === 0 ? child : guardian;
        if (index % 30 >= 20) return world.opens(person, `late${index}`);
        return world.asks(person, name, 20_000 + index * 10, 20_000 + index * 50);
      }),
    );
    const account = await world.account(guardian);
    expect(account.heldFen + account.outstandingFen).toBeLessThanOrEqual(account.lineFen);
    // The load was enough to fill the line.
    expect(account.heldFen).toBeGreaterThan(account.lineFen - 20_000);
    await expectEntriesToExplain(world, guardian);
    const answers = await world.published();
    expect(answers.filter(({ type }) => type.startsWith('Hold'))).toHaveLength(120);
    expect(answers.filter(({ type }) => type.startsWith('Credit'))).toHaveLength(80);
    const holds = await world.store.transact((transaction) =>
      transaction.rows(holdTable).find({ accountPersonId: guardian }),
    );
    expect(holds.reduce((sum, hold) => sum + hold.heldFen, 0)).toBe(account.heldFen);
  });

  test('batches that share lines in any order all come through, and each event counts once', async () => {
    const world = new CreditFixture(await open());
    const persons: string[] = [];
    for (let index = 0; index < 8; index++)
      persons.push(await world.enrolled(`person ${index}`, 760));
    await world.published();
    const batches = Array.from({ length: 10 }, (_, batch) => {
      // Every batch visits the lines in an order of its own, and gets its first event twice.
      const order = persons.map(
        (_person, index) =>
          persons[
            (batch % 2 === 0 ? index * 3 + batch : 100 - index * 3 - batch) % persons.length
          ]!,
      );
      const events = order.flatMap((person, index) => [
        world.opened(person, `b${batch}v${index}`),
        world.asked(person, `b${batch}v${index}`, 30_000),
      ]);
      return [...events, events[0]!];
    });
    await Promise.all(
      batches.flatMap((events) => [world.handleBatch(events), world.handleBatch(events)]),
    );
    const total = await world.accounts.summary();
    expect(total).toMatchObject({ heldFen: 80 * 30_000, overLineFen: 0 });
    expect(await world.published()).toHaveLength(160);
    for (const person of persons) await expectEntriesToExplain(world, person);
  });

  test(
    'closing the service and opening a visit at once end with either the hold or ' +
      'the closing, never both',
    async () => {
      const world = new CreditFixture(await open());
      for (let round = 0; round < 10; round++) {
        const person = await world.enrolled(`person ${round}`);
        await Promise.allSettled([world.closings.close(person), world.opens(person, `r${round}`)]);
        const account = await world.account(person);
        expect(account.heldFen > 0).toBe(account.status === 'open');
      }
    },
  );
};
