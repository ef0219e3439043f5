import 'reflect-metadata';
import { identityRoutes } from '@caretab/contracts';
import { Controller, Get, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TwinApprovals } from './approval';
import { Callers } from './callers';
import { Handles } from './handles';
import { keepToRoutes } from './routes';

@Controller()
class BoundController {
  @Handles(identityRoutes.resolvePerson)
  resolve() {
    return { personId: 'p-00000000-0000-4000-8000-000000000001' };
  }
}
@Controller()
class SecondController extends BoundController {
  @Handles(identityRoutes.resolvePerson)
  override resolve() {
    return super.resolve();
  }
}
@Controller()
class UnboundController {
  @Get('everything')
  everything() {
    return {};
  }
}

let app: INestApplication;
afterEach(() => app.close());

/** The actions of a process with these doors. */
const started = async (...controllers: Type<object>[]): Promise<string[]> => {
  class DoorsModule {}
  Module({ controllers })(DoorsModule);
  app = await NestFactory.create(DoorsModule, { logger: false });
  const { fourEyes } = new TwinApprovals('identity');
  const kept = keepToRoutes(app, { callers: new Callers(), checksAnswers: false, fourEyes });
  return kept.map(({ action }) => action);
};

test('a process starts whose doors each name their action', async () => {
  expect(await started(BoundController)).toEqual([identityRoutes.resolvePerson.action]);
});

test('a route that names no action does not start', async () => {
  await expect(started(BoundController, UnboundController)).rejects.toThrow(
    'UnboundController.everything is bound to no route',
  );
});

test('nor does a second door to one action', async () => {
  await expect(started(BoundController, SecondController)).rejects.toThrow(
    `the action ${identityRoutes.resolvePerson.action} has a handler already`,
  );
});
