import { Closing } from './closing';

test('what was opened last is closed first, once, and one that fails does not keep the others open', async () => {
  const closed: string[] = [];
  const failed: string[] = [];
  const closing = new Closing((what) => void failed.push(what));
  for (const what of ['store', 'relay', 'doors']) {
    closing.add(what, async () => {
      await Promise.resolve();
      closed.push(what);
      if (what === 'relay') throw new Error('broken');
    });
  }
  await closing.run();
  await closing.run();
  expect(closed).toEqual(['doors', 'relay', 'store']);
  expect(failed).toEqual(['relay']);
});
