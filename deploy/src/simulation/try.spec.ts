import { simulate } from './simulate';
test('runs', async () => {
  for (const seed of (process.env.SEEDS ?? '1').split(',').map(Number)) {
    const startedAt = performance.now();
    const outcome = await simulate(seed);
    console.log(seed, outcome.steps, outcome.virtualMs, outcome.faults.length, outcome.crashes, outcome.digest, outcome.violation?.message, Math.round(performance.now() - startedAt), 'ms');
    require('node:fs').writeFileSync('/tmp/sim-history.txt', outcome.history.join('\n'));
  }
}, 120000);
