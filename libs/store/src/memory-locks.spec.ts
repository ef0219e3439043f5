import { type Locker, Locks } from './memory-locks';

test('a transaction that was ended takes no lock, though its process did not notice', async () => {
  const locks = new Locks();
  const [first, second, other]: Locker[] = [{}, {}, {}];
  await locks.take(first!, 'a');
  const waiting = locks.take(second!, 'a');
  locks.releaseAll(first!);
  await waiting;
  locks.releaseAll(second!);
  void locks.take(second!, 'b');
  expect(await locks.take(other!, 'b')).toBe(true);
});

test('a transaction whose connection was ended hears why at its next lock', async () => {
  const locks = new Locks();
  const locker: Locker = {};
  locks.releaseAll(locker, new Error('57P01'));
  await expect(locks.take(locker, 'a')).rejects.toThrow('57P01');
});
