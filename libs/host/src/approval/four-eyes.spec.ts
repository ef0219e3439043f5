import 'reflect-metadata';
import type { Subject } from '@caretab/access';
import { allRoutes, route } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { DomainError } from '@caretab/kernel';
import { MemoryStore } from '@caretab/store';
import { Type } from '@sinclair/typebox';
import { admit, type Admitted, admittedOf } from '../admitted';
import { Handles } from '../handles';
import { Approvals } from './approvals';
import { ApprovalsByService, FourEyes } from './four-eyes';

const WhichPerson = Type.Object({ personId: Type.String({ pattern: '^p-' }) });
const Score = Type.Object({ score: Type.Integer() }, { additionalProperties: false });
const of = (action: `${string}.${string}`, when: 'always' | 'depends') =>
  route({
    ...{ method: 'PUT', path: '/credit/persons/{personId}', action, summary: '', problems: [] },
    ...{ whose: { person: 'params.personId' }, params: WhichPerson, body: Score },
    approval: { when, shows: ['score'] },
    responses: { 204: null },
  });
class Handlers {
  @Handles(of('credit-accounts.unfreeze', 'always'))
  unfreeze(): void {}
  @Handles(of('scores.put', 'depends'))
  score(): void {}
}

const authority = (
  id: string,
  kind: 'CreditAuthority' | 'Service' = 'CreditAuthority',
): Subject => ({
  id,
  roles: [{ kind }],
  hasSecondFactor: true,
});
const ANN = authority('ann');

const office = () => {
  const clock = fixedClock('2026-03-02T08:00:00Z');
  let ids = 0;
  const approvals = new Approvals({
    ...{ store: new MemoryStore(), clock, lifetimeMs: 60_000 },
    ids: { next: () => `a-${(ids += 1)}` },
  });
  const fourEyes = new FourEyes(new ApprovalsByService([['credit', approvals]]));
  /** Scores that were put, with who approved each. */
  const done: [number, string | undefined][] = [];
  const put = async (
    { score = 900, personId = 'p-1' }: { score?: unknown; personId?: string },
    {
      name = 'unfreeze',
      subject = ANN,
      approval,
      run = () => undefined,
    }: {
      name?: keyof Handlers;
      subject?: Subject;
      approval?: string;
      run?: (admitted: Admitted) => void;
    } = {},
  ): Promise<string | DomainError> => {
    const request = {
      headers: approval === undefined ? {} : { approval },
      ...{ params: { personId }, query: {}, body: { score } },
    };
    admit(request, { subject, scopes: [], policyIds: [] });
    try {
      await fourEyes.around(Handlers.prototype[name], request, async () => {
        const admitted = admittedOf(request)!;
        run(admitted);
        done.push([score as number, admitted.approvedBy]);
      });
      return 'done';
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  };
  const code = async (...given: Parameters<typeof put>): Promise<string> => {
    const answer = await put(...given);
    return typeof answer === 'string' ? answer : answer.code;
  };
  const asked = async (...given: Parameters<typeof put>): Promise<string> =>
    ((await put(...given)) as DomainError).details['approvalId'] as string;
  const give = (id: string) => approvals.decide(id, authority('ben'), { decision: 'give' });
  const outcome = async () =>
    (await approvals.list(ANN, { state: 'all' })).approvals.map((each) => each.outcome);
  return { clock, approvals, done, code, asked, give, outcome };
};

test('nothing is done without an approval, and with one it is done once, by whom it was asked', async () => {
  const { code, asked, give, done, approvals, outcome } = office();
  const approval = await asked({});
  expect(await code({}, { approval })).toBe('APPROVAL_NOT_GIVEN');
  expect((await approvals.list(ANN, { state: 'open' })).approvals).toMatchObject([
    { params: { personId: 'p-1' }, about: { score: 900 }, person: 'p-1' },
  ]);
  await give(approval);
  expect(await code({ score: 901 }, { approval })).toBe('APPROVAL_DIFFERS');
  expect(await code({ personId: 'p-2' }, { approval })).toBe('APPROVAL_DIFFERS');
  expect(await code({}, { approval, name: 'score' })).toBe('APPROVAL_DIFFERS');
  expect(await code({}, { approval, subject: authority('ben') })).toBe('APPROVAL_DIFFERS');
  expect(await code({}, { approval: 'a-none' })).toBe('APPROVAL_UNKNOWN');
  expect(done).toEqual([]);
  expect(await code({}, { approval })).toBe('done');
  expect(await code({}, { approval })).toBe('APPROVAL_USED');
  expect(done).toEqual([[900, 'ben']]);
  expect(await outcome()).toEqual(['done']);
});

test('what does not fit its route asks no one', async () => {
  const { code, approvals } = office();
  expect(await code({ score: 'high' })).toBe('REQUEST_INVALID');
  expect((await approvals.list(ANN, { state: 'all' })).approvals).toEqual([]);
});

test('a request that was refused has used its approval, and says what became of it', async () => {
  const { code, asked, give, outcome } = office();
  const approval = await asked({});
  await give(approval);
  const run = (): never => {
    throw new DomainError('ACCOUNT_UNKNOWN', 'not-found');
  };
  expect(await code({}, { approval, run })).toBe('ACCOUNT_UNKNOWN');
  expect(await code({}, { approval })).toBe('APPROVAL_USED');
  expect(await outcome()).toEqual(['ACCOUNT_UNKNOWN']);
});

test('where it depends, the handler says that it needs one', async () => {
  const { code, asked, give, done } = office();
  const changes = ({ approvedBy }: Admitted): void => {
    if (approvedBy === undefined) throw new DomainError('APPROVAL_NEEDED', 'conflict');
  };
  expect(await code({}, { name: 'score' })).toBe('done');
  const approval = await asked({ score: 1000 }, { name: 'score', run: changes });
  await give(approval);
  expect(await code({ score: 1000 }, { name: 'score', run: changes, approval })).toBe('done');
  expect(done).toEqual([
    [900, undefined],
    [1000, 'ben'],
  ]);
});

test('services among themselves are asked for none', async () => {
  const { code } = office();
  expect(await code({}, { subject: authority('service/identity', 'Service') })).toBe('done');
});

test('it expires', async () => {
  const { clock, code, asked, give } = office();
  const approval = await asked({});
  await give(approval);
  clock.advance(60_000);
  expect(await code({}, { approval })).toBe('APPROVAL_EXPIRED');
});

interface Body {
  readonly properties?: object;
}

test('what needs an approval is of a service, and shows fields that its body has', () => {
  for (const { action, path, whose, body, approval } of allRoutes) {
    if (!approval) continue;
    expect([action, whose === 'public' || whose === 'scoped' || path.startsWith('/v1/')]).toEqual([
      action,
      false,
    ]);
    // A body may be one of several.
    const bodies = (body?.['anyOf'] as Body[] | undefined) ?? [body as Body | undefined];
    const fields = bodies.flatMap((one) => Object.keys(one?.properties ?? {}));
    for (const name of approval.shows ?? [])
      expect([action, fields.includes(name)]).toEqual([action, true]);
  }
});
