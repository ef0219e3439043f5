import type { Rows, Store } from '@caretab/store';
import type { Plan } from './plan';
import { altered, consumingOnly, type PlantedBug, typeOf, wrappedTransaction } from './planting';
import type { StandingPlan } from './standing-plan';

const has =
  (isSo: (standing: StandingPlan) => boolean) =>
  ({ standing }: Plan): boolean =>
    standing !== undefined && isSo(standing);

/** A service to which messages of a type never come. */
const deafTo =
  (deaf: string, ...types: readonly string[]): NonNullable<PlantedBug['bus']> =>
  (bus, service) =>
    service === deaf ? consumingOnly(bus, (message) => !types.includes(typeOf(message))) : bus;

/** Rows of a table of credit are kept otherwise than they were saved. */
const keeping =
  (table: string, change: (row: Fields) => Fields) =>
  (store: Store, service: string): Store =>
    service === 'credit'
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            rows: (of) => {
              const rows = transaction.rows(of);
              return of.name === table ? saving(rows, change) : rows;
            },
          }),
        )
      : store;

type Fields = Readonly<Record<string, unknown>>;

const saving = <Row extends object>(rows: Rows<Row>, change: (row: Fields) => Fields): Rows<Row> =>
  altered(rows, {
    save: (...saved: readonly Row[]) =>
      rows.save(...saved.map((row) => change(row as Fields) as Row)),
  });

/** A service that leaves events of a type unpublished. */
const silentOn =
  (silent: string, type: string): NonNullable<PlantedBug['store']> =>
  (store, service) =>
    service === silent
      ? wrappedTransaction(store, (transaction) =>
          altered(transaction, {
            publish: (...messages) =>
              transaction.publish(...messages.filter(({ headers }) => headers['ce_type'] !== type)),
          }),
        )
      : store;

const debitedDead: PlantedBug = {
  name: 'debited-dead',
  seed: 38,
  needs: has(({ death }) => death !== undefined),
  what: 'payment never learns that a person has died, and debits them',
  breaks: ['dead'],
  bus: deafTo('payment', 'PersonDied'),
};

const grantedDead: PlantedBug = {
  name: 'granted-dead',
  seed: 25,
  needs: has(({ death }) => death !== undefined),
  what: 'credit never learns that a person has died, and grants them a hold',
  breaks: ['dead'],
  bus: deafTo('credit', 'PersonDied'),
};

const deadForEver: PlantedBug = {
  name: 'dead-for-ever',
  seed: 75,
  needs: has(({ death }) => death?.back !== undefined && death.back !== 'never'),
  what: 'payment never learns that a death was taken back, and collects nothing again',
  breaks: ['dead'],
  bus: deafTo('payment', 'PersonDeathTakenBack'),
};

const writtenToDead: PlantedBug = {
  name: 'written-to-dead',
  seed: 25,
  needs: has(({ death }) => death !== undefined),
  what: 'notices are sent to who has died',
  breaks: ['dead'],
  bus: deafTo('notification', 'PersonDied'),
};

const childForEver: PlantedBug = {
  name: 'child-for-ever',
  seed: 195,
  needs: has(({ ward }) => ward?.kind === 'of-age'),
  what: 'credit never learns that a ward came of age, and grants on the guardian’s line',
  breaks: ['wards'],
  bus: deafTo('credit', 'GuardianshipEnded'),
};

const guardianForEver: PlantedBug = {
  name: 'guardian-for-ever',
  seed: 15,
  needs: has(({ ward }) => ward !== undefined && ward.kind !== 'of-age'),
  what: 'credit never learns that a guardianship was ended, or is another’s',
  breaks: ['wards'],
  bus: (bus, service) => {
    if (service !== 'credit') return bus;
    const first = new Set<string>();
    return consumingOnly(bus, (message) => {
      if (typeOf(message) === 'GuardianshipEnded') return false;
      const isFirst = typeOf(message) !== 'GuardianAppointed' || !first.has(message.key);
      if (typeOf(message) === 'GuardianAppointed') first.add(message.key);
      return isFirst;
    });
  },
};

const lineThatStays: PlantedBug = {
  name: 'line-that-stays',
  seed: 14,
  needs: has(({ policy }) => policy !== undefined),
  what: 'an open line keeps its figure, though it follows the policy that came into force',
  breaks: ['policy', 'heldAddsUp'],
  store: (store, service) => {
    const opened = new Map<unknown, unknown>();
    return keeping('account', (row) => {
      const lineFen = opened.get(row['accountPersonId']) ?? row['lineFen'];
      opened.set(row['accountPersonId'], lineFen);
      return { ...row, lineFen };
    })(store, service);
  },
};

const untoldLine: PlantedBug = {
  name: 'untold-line',
  seed: 14,
  needs: has(({ policy }) => policy !== undefined),
  what: 'a line follows a policy, and its person is not notified',
  breaks: ['policy'],
  bus: deafTo('notification', 'LineChanged'),
};

const unheardObjection: PlantedBug = {
  name: 'unheard-objection',
  seed: 10,
  what: 'a default is reported while its objection is not decided',
  breaks: ['arrears'],
  store: keeping('arrears', (row) =>
    row['objection'] === 'open' ? { ...row, objection: null } : row,
  ),
};

const reportForEver: PlantedBug = {
  name: 'report-for-ever',
  seed: 34,
  what: 'a default that was paid is not taken back',
  breaks: ['arrears'],
  store: silentOn('credit', 'DefaultTakenBack'),
};

const frozenForEver: PlantedBug = {
  name: 'frozen-for-ever',
  seed: 24,
  what: 'an account that was frozen for a due stays frozen once it is paid',
  breaks: ['arrears'],
  store: (store, service) => {
    const frozen = new Set<unknown>();
    return keeping('account', (row) => {
      if (row['frozenReason'] === 'PAYMENT_MISSED') frozen.add(row['accountPersonId']);
      const stays = row['frozenReason'] === null && frozen.has(row['accountPersonId']);
      return stays ? { ...row, frozenReason: 'PAYMENT_MISSED' } : row;
    })(store, service);
  },
};

const owedForEver: PlantedBug = {
  name: 'owed-for-ever',
  seed: 10,
  what: 'credit never learns that a due was written off',
  breaks: ['holds'],
  bus: deafTo('credit', 'DueWrittenOff'),
};

const endlessService: PlantedBug = {
  name: 'endless-service',
  seed: 68,
  needs: has(({ revocation }) => revocation?.purpose === 'service'),
  what: 'credit never learns that a person has revoked the consent to the service',
  breaks: ['consents'],
  bus: deafTo('credit', 'ConsentsChanged'),
};

const endlessMandate: PlantedBug = {
  name: 'endless-mandate',
  seed: 24,
  needs: has(({ revocation }) => revocation !== undefined),
  what: 'payment never learns that a debit mandate was revoked',
  breaks: ['consents'],
  bus: deafTo('payment', 'ConsentsChanged'),
};

/** What may go wrong where people die, come of age, revoke or owe, and where a policy changes. */
export const plantedStandingBugs: readonly PlantedBug[] = [
  debitedDead,
  grantedDead,
  deadForEver,
  writtenToDead,
  childForEver,
  guardianForEver,
  lineThatStays,
  untoldLine,
  unheardObjection,
  reportForEver,
  frozenForEver,
  owedForEver,
  endlessService,
  endlessMandate,
];
