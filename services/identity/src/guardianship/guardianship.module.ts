import { Jobs } from '@caretab/host';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Consents } from '../consent/consents';
import { GuardianshipController } from './guardianship.controller';
import { GuardianshipEnds } from './guardianship-ends';
import { Guardianships, type GuardianshipsParts } from './guardianships';

@Module({})
class GuardianshipModule {}

/** Doors of guardianships, and the job that ends them; without an interval it does not run. */
export const guardianshipModule = (
  parts: GuardianshipsParts & { readonly consents: Consents },
  intervalMs: number | undefined,
): DynamicModule => ({
  module: GuardianshipModule,
  controllers: [GuardianshipController],
  providers: [
    {
      provide: Guardianships,
      inject: [Jobs],
      useFactory: (jobs: Jobs): Guardianships => {
        const ends = new GuardianshipEnds(parts);
        if (intervalMs !== undefined)
          jobs.every('identity.end-guardianships', intervalMs, () => ends.runOnce());
        return new Guardianships(parts);
      },
    },
  ],
});
