import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Callers, OperatorKey } from '@caretab/host';
import { HospitalKeys } from '../api/institution.guard';
import { FakePartners } from '../../test/gateway';
import { Admission } from './admission';
import { Congestion } from './congestion';
import { FrontDoor } from './front-door';

const never = { sleep: () => new Promise<void>(() => undefined) };
const frontDoor = () => {
  const partners = new FakePartners();
  const [submissions, questions, agreements] = [0, 1, 2].map(
    () => new Admission({ inWorkMax: 1, perInstitutionMax: 1, waitingMax: 0 }, never),
  ) as [Admission, Admission, Admission];
  const congestion = new Congestion({ outboxMax: 1, lagMax: 1 }, never);
  const door = new FrontDoor({
    callers: new Callers()
      .add(new OperatorKey('operator-key-of-the-tests'))
      .add(new HospitalKeys(partners)),
    congestion,
    submissions,
    questions,
    agreements,
    waitMs: 0,
  });
  const [key] = partners.keys.keys();
  const come = async (
    method: string,
    url: string,
    authorization: string | undefined = `Bearer ${key!}`,
  ): Promise<EventEmitter> => {
    const response = new EventEmitter();
    await door.enter(
      { method, url, headers: { authorization } } as IncomingMessage,
      response as unknown as ServerResponse,
    );
    return response;
  };
  return { come, congestion, submissions, questions, agreements };
};
const overloaded = expect.objectContaining({ code: 'OVERLOADED' });

test('a submission has its place until its answer is out or its sender gone', async () => {
  const { come, submissions } = frontDoor();
  const first = await come('POST', '/v1/visits');
  await expect(come('POST', '/v1/visits')).rejects.toEqual(overloaded);
  first.emit('close');
  expect(submissions.counts.inWork).toBe(0);
  await come('POST', '/v1/visits/V1/charges');
});

test('questions have places of their own, and are answered while nothing is taken in', async () => {
  const { come, congestion } = frontDoor();
  congestion.measured({ lag: 5 });
  await expect(come('POST', '/v1/visits')).rejects.toEqual(overloaded);
  const question = await come('GET', '/v1/visits/HZ002-V1');
  await expect(come('POST', '/v1/persons/resolve')).rejects.toEqual(overloaded);
  question.emit('close');
  await come('GET', '/v1/persons/p-1/visits', 'Bearer operator-key-of-the-tests');
});

test('whoever has no key that is known takes nobody’s place', async () => {
  const { come, submissions, questions } = frontDoor();
  for (const method of ['POST', 'GET'])
    await expect(come(method, '/v1/visits', 'Bearer unknown-key')).rejects.toThrow(
      'UNAUTHENTICATED',
    );
  expect([submissions.counts.inWork, questions.counts.inWork]).toEqual([0, 0]);
});

test('a citizen needs no key to answer, and a crowd of answers takes no other’s place', async () => {
  const { come, congestion, submissions, questions, agreements } = frontDoor();
  const answer = await come('POST', '/v1/agreements', '');
  await expect(come('POST', '/v1/agreements', '')).rejects.toEqual(overloaded);
  expect([submissions.counts.inWork, questions.counts.inWork]).toEqual([0, 0]);
  for (const url of ['/v1/agreements/more', '/v1/agreementsx'])
    await expect(come('POST', url, '')).rejects.toThrow('UNAUTHENTICATED');
  answer.emit('close');
  expect(agreements.counts.inWork).toBe(0);
  congestion.measured({ lag: 5 });
  await come('POST', '/v1/agreements', '');
});

test('health, metrics and operators’ routes are never sent away', async () => {
  const { come, congestion } = frontDoor();
  congestion.measured({ lag: 5 });
  for (const url of [
    '/health',
    '/health/ready',
    '/metrics',
    '/gateway/summary',
    '/gateway/backlog',
  ])
    for (let count = 0; count < 3; count += 1) await come('GET', url, '');
});
