import 'reflect-metadata';
import type { Parked } from '@caretab/bus';
import { OperatorController, ParkedByService } from './operator.controller';

const OPERATOR = { id: 'operator', roles: [], hasSecondFactor: false };

test('a mended value that can be read but is too deep to be written is refused by name', async () => {
  const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown;
  const parked = { replay: () => Promise.reject(new Error('nobody asks')) } as unknown as Parked;
  const operator = new OperatorController(
    new ParkedByService([['till', parked]]),
    undefined as never,
    undefined as never,
  );
  await expect(
    operator.replay({
      params: { service: 'till', id: 'id' },
      body: { value: deep, why: 'a trial' },
      ...{ subject: OPERATOR, scopes: [], approvedBy: 'another' },
    }),
  ).rejects.toMatchObject(
    expect.objectContaining({
      code: 'REQUEST_INVALID',
      details: { faults: [expect.objectContaining({ field: '/value' })] },
    }),
  );
});
