import { DomainError } from '@caretab/kernel';
import { MemoryStore } from '@caretab/store';
import fc from 'fast-check';
import { expectEntriesToExplain, visitOf, CreditFixture } from '../../test/holds.suite';

/**
 * What the sentences of the rules say, without rows: one line, its visits, and when it may be
 * granted more.
 */
interface Model {
  lineFen: number;
  score: number;
  /** Of the policy in force: the lines of scores up to 500, 600 and 1000. */
  lines: readonly [number, number, number];
  policies: number;
  frozen: boolean;
  readonly visits: Map<
    string,
    {
      heldFen: number;
      dueFen: number;
      owedFen: number;
      paidFen: number;
      revision: number;
      status: 'declined' | 'held' | 'due' | 'settled' | 'released';
      opened: boolean;
    }
  >;
}
interface Real {
  readonly world: CreditFixture;
  readonly person: string;
}
type Visit = Model['visits'] extends Map<string, infer V> ? V : never;

const usedFen = (model: Model): number =>
  [...model.visits.values()].reduce((sum, visit) => sum + visit.heldFen + visit.owedFen, 0);
const leftFen = (model: Model): number => Math.max(0, model.lineFen - usedFen(model));

const command = (
  name: string,
  ready: (model: Readonly<Model>) => boolean,
  step: (model: Model, real: Real) => Promise<void>,
): fc.AsyncCommand<Model, Real> => ({
  check: ready,
  toString: () => name,
  run: async (model, real) => {
    await step(model, real);
    const { heldFen, outstandingFen, lineFen } = await real.world.account(real.person);
    const visits = [...model.visits.values()];
    expect({ heldFen, outstandingFen, lineFen }).toEqual({
      heldFen: visits.reduce((sum, v) => sum + v.heldFen, 0),
      outstandingFen: visits.reduce((sum, v) => sum + v.owedFen, 0),
      lineFen: model.lineFen,
    });
    await expectEntriesToExplain(real.world, real.person);
  },
});

const visitName = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
const amount = fc.integer({ min: 0, max: 130_000 });
const statusIs = (model: Readonly<Model>, name: string, ...statuses: Visit['status'][]): boolean =>
  statuses.includes(model.visits.get(name)?.status as Visit['status']);

const authorize = visitName.map((name) =>
  command(
    `authorize ${name}`,
    (model) => !model.visits.has(name),
    async (model, { world, person }) => {
      const heldFen = model.frozen ? 0 : Math.min(20_000, leftFen(model));
      await world.opens(person, name);
      model.visits.set(name, {
        heldFen,
        dueFen: 0,
        owedFen: 0,
        paidFen: 0,
        revision: 0,
        status: heldFen > 0 ? 'held' : 'declined',
        opened: true,
      });
      expect(await world.last()).toMatchObject(
        heldFen > 0
          ? { type: 'CreditAuthorized', data: { heldFen } }
          : { type: 'CreditDeclined', data: { reason: model.frozen ? 'FROZEN' : 'OVER_LINE' } },
      );
    },
  ),
);

const increase = fc.tuple(visitName, amount, amount).map(([name, a, b]) =>
  command(
    `increase ${name} ${a} ${b}`,
    (model) => model.visits.has(name),
    async (model, { world, person }) => {
      const [neededFen, wantedFen] = [Math.min(a, b), Math.max(a, b)];
      const visit = model.visits.get(name)!;
      const reachableFen =
        visit.status !== 'held' ? -1 : visit.heldFen + (model.frozen ? 0 : leftFen(model));
      await world.asks(person, name, neededFen, wantedFen);
      const granted = reachableFen >= neededFen;
      if (granted) visit.heldFen = Math.max(visit.heldFen, Math.min(wantedFen, reachableFen));
      expect(await world.last()).toMatchObject({
        type: granted ? 'HoldIncreased' : 'HoldIncreaseDeclined',
        data: { heldFen: visit.heldFen },
      });
    },
  ),
);

const adjudicate = fc.tuple(visitName, amount).map(([name, dueFen]) =>
  command(
    `adjudicate ${name} ${dueFen}`,
    (model) => statusIs(model, name, 'held', 'due', 'settled'),
    async (model, { world, person }) => {
      const visit = model.visits.get(name)!;
      Object.assign(visit, {
        revision: visit.revision + 1,
        heldFen: 0,
        dueFen,
        owedFen: Math.max(0, dueFen - visit.paidFen),
        status: 'due',
      });
      await world.adjudicated(person, name, dueFen, visit.revision);
      const overLineFen = Math.min(dueFen, Math.max(0, usedFen(model) - model.lineFen));
      expect(await world.last()).toMatchObject({
        type: 'HoldReleased',
        data: { becameDueFen: dueFen, overLineFen },
      });
    },
  ),
);

const settle = visitName.map((name) =>
  command(
    `settle ${name}`,
    (model) => statusIs(model, name, 'due'),
    async (model, { world, person }) => {
      const visit = model.visits.get(name)!;
      const refundedFen = Math.max(0, visit.paidFen - visit.dueFen);
      await world.settled(person, name, visit.dueFen + refundedFen, visit.revision, refundedFen);
      Object.assign(visit, { owedFen: 0, paidFen: visit.dueFen, status: 'settled' });
    },
  ),
);

const cancel = visitName.map((name) =>
  command(
    `cancel ${name}`,
    (model) => statusIs(model, name, 'held', 'due'),
    async (model, { world, person }) => {
      const visit = model.visits.get(name)!;
      if (visit.status === 'due')
        return void (await expect(world.cancelled(person, name)).rejects.toBeInstanceOf(
          DomainError,
        ));
      await world.cancelled(person, name);
      Object.assign(visit, { heldFen: 0, status: 'released' });
    },
  ),
);

const expire = fc.constant(
  command(
    'expire',
    () => true,
    async (_model, { world }) => {
      world.clock.advance(60 * 86_400_000);
      await world.published();
      await world.expiry.runOnce();
      for (const { type } of await world.published()) expect(type).toBe('HoldExpired');
    },
  ),
);

const freeze = fc.boolean().map((on) =>
  command(
    on ? 'freeze' : 'unfreeze',
    () => true,
    async (model, { world, person }) => {
      await (on ? world.accounts.freeze(person, 'BLACKLISTED') : world.accounts.unfreeze(person));
      model.frozen = on;
    },
  ),
);

const lineOf = ({ lines, score }: Pick<Model, 'lines' | 'score'>): number =>
  lines[score <= 500 ? 0 : score <= 600 ? 1 : 2];

const rescore = fc.constantFrom(400, 600, 640).map((score) =>
  command(
    `score ${score}`,
    () => true,
    async (model, { world, person }) => {
      world.clock.advance(1000);
      await world.scores.put(person, {
        ...{ score, scoredAt: world.clock.now(), approvedBy: 'another' },
      });
      model.score = score;
      model.lineFen = lineOf(model);
    },
  ),
);

/** A policy is put, tried, approved, and comes into force while visits are open. */
const newPolicy = fc
  .tuple(fc.constantFrom(0, 30_000), fc.constantFrom(30_000, 100_000))
  .map(([lowFen, stepFen]) =>
    command(
      `policy ${lowFen} ${stepFen}`,
      ({ policies }) => policies < 5,
      async (model, { world, person }) => {
        model.policies += 1;
        model.lines = [lowFen, lowFen + stepFen, lowFen + 3 * stepFen];
        const before = await world.account(person);
        const version = await world.approves(model.lines);
        world.clock.advance(86_400_000);
        while ((await world.rollout.runOnce()) > 0);
        model.lineFen = lineOf(model);
        const after = await world.account(person);
        expect(after).toMatchObject({ policyId: version, entryCount: before.entryCount + 1 });
        const sets = (await world.entries(person)).filter(({ note }) => note === version);
        expect(sets).toHaveLength(1);
      },
    ),
  );

test(
  'any sequence of commands keeps holds and outstanding equal to the entries, and ' +
    'grants nothing above the line',
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.commands(
          [authorize, increase, adjudicate, settle, cancel, expire, freeze, rescore, newPolicy],
          { maxCommands: 60, size: 'max' },
        ),
        (commands) =>
          fc.asyncModelRun(async () => {
            const world = new CreditFixture(new MemoryStore());
            const person = await world.enrolled('a', 600);
            await world.published();
            return {
              model: {
                ...{ lineFen: 100_000, score: 600, policies: 0, frozen: false },
                lines: [50_000, 100_000, 300_000] as const,
                visits: new Map(),
              },
              real: { world, person },
            };
          }, commands),
      ),
      { numRuns: 100 },
    ),
);

test('a hold that expired is said to be expired at most once', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 12 }),
      async (hours) => {
        const world = new CreditFixture(new MemoryStore());
        const person = await world.enrolled('a');
        await world.opens(person, 'v');
        await world.published();
        let told = 0;
        for (const hour of hours) {
          world.clock.advance(hour * 3_600_000);
          told += await world.expiry.runOnce();
        }
        expect(told).toBe(hours.reduce((sum, hour) => sum + hour, 0) >= 48 ? 1 : 0);
        expect((await world.published()).map(({ data }) => data.visitId)).toEqual(
          told ? [visitOf('v')] : [],
        );
      },
    ),
  ));
