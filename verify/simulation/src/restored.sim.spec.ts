import { simulate } from './simulate';

const SEEDS = 15;

test('a database that was restored from a copy takes no money twice, and knows all of it in the end', async () => {
  let adopted = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const outcome = await simulate(seed, { restores: 'payment' });
    if (outcome.violation) throw new Error(`seed ${seed}: ${outcome.violation.message}`);
    adopted += outcome.adopted;
  }
  expect(adopted).toBeGreaterThan(0);
}, 600_000);

test('lines that were restored from a copy owe what the ledger says, and hold nothing of what is over', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violation } = await simulate(seed, { restores: 'credit' });
    if (violation) throw new Error(`seed ${seed}: ${violation.message}`);
  }
}, 600_000);
