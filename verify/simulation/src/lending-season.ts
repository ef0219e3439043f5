import { type Random, seededRandom } from '@caretab/doubles';
import type { Actors } from './actors';
import { citizensHeaders } from './citizen-key';
import { type Ending, EXPIRY_TIMEOUT_MS } from './ending';
import type { JudgedRun } from './judged-run';
import { LENDER_ID, type LendingPlan } from './lending-plan';
import { must } from './violation';

/** A bank that refused is asked again after a day. */
const ASKED_AGAIN_MS = 25 * 3_600_000;

/** Citizens agree that a bank lends to them, before the storm or in it. */
export const agreeToBank = async (people: Actors, { agrees }: LendingPlan): Promise<void> => {
  for (const { citizen, atMs } of agrees) {
    const personId = people.personIds[citizen]!;
    const path = `/identity/persons/${personId}/consents`;
    const own = { headers: citizensHeaders(personId) };
    const agree = async (): Promise<void> => {
      const { body } = await people.ask('identity', 'GET', path);
      const { texts } = body as {
        readonly texts: readonly Readonly<Record<'purpose' | 'language' | 'hash', string>>[];
      };
      const { hash } = texts.find((one) => one.purpose === 'bank' && one.language === 'zh')!;
      const consents = [{ purpose: 'bank', hash }];
      const { status } = await people.ask('identity', 'POST', path, { consents }, own);
      must(status === 204, 'lender', () => ({ citizen, agrees: status }));
    };
    if (atMs === undefined) await agree();
    else people.start(atMs, 'a citizen agrees to a bank', agree);
  }
};

/** What the bank refused is asked again; and the bank says what was repaid, twice and late. Throws Violation. */
export const bankHasItsSay = async (ending: Ending & JudgedRun): Promise<void> => {
  const { plan, world, rest, leap, pass } = ending;
  if (!plan.lending || !world.lender) return;
  await leap(ASKED_AGAIN_MS);
  await pass(EXPIRY_TIMEOUT_MS);
  await rest();
  const random = seededRandom(plan.lending.seed * 1_000 + 821);
  for (const [visitId, { state, amountFen }] of world.lender.loans) {
    if (state !== 'drawn' || amountFen === 0) continue;
    const parts = random.pick([[], [amountFen], [Math.ceil(amountFen / 2)], halves(amountFen)]);
    await saysRepaid(ending, visitId, { parts, random });
  }
  await rest();
};

const halves = (amountFen: number): number[] => [Math.ceil(amountFen / 2), amountFen];

const saysRepaid = async (
  { world, people, during }: Ending & JudgedRun,
  visitId: string,
  { parts, random }: { readonly parts: readonly number[]; readonly random: Random },
): Promise<void> => {
  const said: object[] = [];
  for (const amountFen of parts)
    said.push(
      world.lender!.repaid(LENDER_ID, visitId, amountFen, world.scheduler.now().toISOString()),
    );
  // The same again, or an earlier one behind a later.
  if (said.length > 0 && random.next() < 0.5) said.push(said[0]!);
  for (const notice of said) {
    const { status } = await during(people.ask('credit', 'POST', '/credit/loans/notices', notice));
    must(status < 300, 'lender', () => ({ notice, status }));
  }
};
