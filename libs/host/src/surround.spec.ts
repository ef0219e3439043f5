import 'reflect-metadata';
import { Reply, type Route } from '@caretab/contracts';
import type { Request } from 'express';
import type { AccessLog } from './access-records';
import { Answers } from './answers';
import type { FourEyes } from './approval';
import { HandlesUnchecked, type RawInput, routeOf } from './handles';
import { surround, type Surroundings } from './surround';

const route = {
  method: 'POST',
  path: '/shop/sales',
  action: 'shop.sell',
  responses: { 200: null, 202: null },
} as unknown as Route;

const steps: string[] = [];
class ShopController {
  private readonly sold = ['tea'];

  @HandlesUnchecked(route)
  sell({ body }: RawInput, ...rest: unknown[]): never {
    steps.push(`sells ${JSON.stringify([body, ...rest])} beside ${this.sold.join()}`);
    return new Reply(202, 'sold') as never;
  }
}

const stepping = (name: string) => ({
  watches: () => true,
  around: async (_: unknown, __: unknown, run: () => Promise<unknown>) => {
    steps.push(`${name} begins`);
    const answer = await run();
    steps.push(`${name} ends with ${String(answer)}`);
    return answer;
  },
});
const surroundings: Surroundings = {
  fourEyes: stepping('four eyes') as unknown as FourEyes,
  accessLog: stepping('record') as unknown as AccessLog,
  answers: new Answers(false),
};
const response = { status: (status: number) => void steps.push(`status ${status}`) };
const request = { body: 'coffee', headers: {}, res: response } as unknown as Request;

test('a handler runs within its record, and that within four eyes', async () => {
  const controller = new ShopController();
  surround(controller, 'sell', route, surroundings);
  const called = controller.sell as unknown as (...given: unknown[]) => Promise<unknown>;
  expect(routeOf(called)).toBe(route);
  expect(await called(request, 'more')).toBe('sold');
  expect(steps).toEqual([
    'four eyes begins',
    'record begins',
    'sells ["coffee","more"] beside tea',
    'status 202',
    'record ends with sold',
    'four eyes ends with sold',
  ]);
  expect(() => surround(controller, 'sell', route, surroundings)).toThrow('surrounded once');
});
