import type { Reply } from './controller-door';
import { keyOf } from './hospital-doors';
import type { Plan } from './plan';
import type { Scheduler } from './scheduler';

interface People {
  readonly personIds: string[];
  ask(service: string, method: 'POST' | 'PUT', path: string, body: unknown): Promise<Reply>;
}

/** Institutions, citizens, their lines, insurers and accounts. */
export const register = async (
  people: People,
  plan: Plan,
  scheduler: Pick<Scheduler, 'sleep'>,
): Promise<void> => {
  for (const { institutionId, level, interface: profile } of plan.institutions) {
    await people.ask('identity', 'PUT', `/identity/institutions/${institutionId}`, {
      name: institutionId,
      level,
      apiKey: keyOf(institutionId),
      webhookUrl: `http://webhooks/${institutionId}`,
      interface: { hl7: true, ...profile },
    });
  }
  for (const { name, idNumber, mobile, email } of plan.citizens) {
    const person = { name, idNumber, mobile, email };
    const { body } = await people.ask('identity', 'POST', '/identity/persons', person);
    people.personIds.push((body as { personId: string }).personId);
  }
  for (const [index, citizen] of plan.citizens.entries())
    await enrol(people, { personId: people.personIds[index]!, citizen, scheduler });
};

const enrol = async (
  people: People,
  {
    personId,
    citizen,
    scheduler,
  }: {
    readonly personId: string;
    readonly citizen: Plan['citizens'][number];
    readonly scheduler: Pick<Scheduler, 'sleep'>;
  },
): Promise<void> => {
  const { guardian, score, isEnrolled, memberships, token } = citizen;
  if (guardian !== undefined)
    await people.ask('identity', 'PUT', `/identity/persons/${personId}/guardian`, {
      guardianId: people.personIds[guardian]!,
      evidence: { kind: 'birth-certificate', reference: 'B-1' },
      relation: '5',
    });
  await people.ask('adjudication', 'PUT', `/adjudication/memberships/${personId}`, { memberships });
  if (token)
    await people.ask('payment', 'PUT', `/payment/accounts/${personId}`, {
      channel: 'unionpay',
      token,
    });
  if (guardian === undefined)
    await people.ask('credit', 'PUT', `/credit/persons/${personId}/score`, {
      score,
      scoredAt: '2026-03-01T00:00:00Z',
    });
  if (!isEnrolled) return;
  // A child's enrolment waits until credit knows the guardian.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { status } = await people.ask('credit', 'POST', '/credit/enrolments', { personId });
    if (status < 300) return;
    await scheduler.sleep(500);
  }
};
