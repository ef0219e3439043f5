import { MemoryStore } from '@caretab/store';
import { CreditFixture } from '../../test/holds.suite';
import { scoreDetails as details, scoresSuite } from '../../test/scores.suite';

scoresSuite('MemoryStore', async () => new MemoryStore());

test('of who is forgotten the figure stays, and what it was made of goes', async () => {
  const world = new CreditFixture(new MemoryStore());
  const person = await world.registered('a');
  await world.scores.put(person, { score: 640, scoredAt: world.clock.now(), ...details });
  await world.forgets(person);
  expect(await world.scores.show(person)).toMatchObject({
    ...{ score: 640, modelVersion: null, dimensions: [], reasons: [] },
  });
});
