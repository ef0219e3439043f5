import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Machine } from '../machine';
import type { Order, Outcome, Plan } from './plan';

/**
 * The load generator, in a process of its own: what it needs must not be taken for what the
 * platform needs.
 */
export class GeneratorProcess {
  private readonly child: ChildProcess;

  constructor(machine: Machine, plan: Plan) {
    this.child = fork(join(__dirname, 'load/main.js'), {
      serialization: 'advanced',
      detached: true,
    });
    machine.onClean(async () => void this.child.kill());
    this.child.send(plan);
  }

  /** Rejects when the process ends first. */
  run(order: Order): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the load generator ended by itself'));
      this.child.once('exit', ended);
      this.child.once('message', ({ outcome, error }: { outcome?: Outcome; error?: string }) => {
        this.child.off('exit', ended);
        if (outcome) resolve(outcome);
        else reject(new Error(error));
      });
      this.child.send(order);
    });
  }
}
