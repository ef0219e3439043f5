import { Generator } from '../generator';
import type { Order, Plan } from '../plan';

let generator: Generator | undefined;
process.once('disconnect', () => process.exit());
process.on('message', (told: Plan | Order) => {
  if ('visits' in told) generator = new Generator(told);
  else
    void generator!.run(told).then(
      (outcome) => process.send!({ outcome }),
      (error: Error) => process.send!({ error: error.message }),
    );
});
