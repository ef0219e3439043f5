import { meter } from '@caretab/telemetry';
import type { Provider } from '@nestjs/common';
import type { Leave } from '../admission/admission';
import type { Intake } from '../intake/intake';
import { ReportDoor } from './report-door';

/** The door of hospitals' own topics, whose messages are counted. */
export const reportDoor = (
  intake: Intake,
  admit: (institutionId: string) => Promise<Leave>,
): Provider => {
  const counter = meter('caretab.gateway').createCounter('caretab.gateway.reports', {
    description: 'Messages of hospitals’ own topics, by what became of them here',
  });
  const counted = (taken: string): void => counter.add(1, { taken });
  return { provide: ReportDoor, useValue: new ReportDoor({ intake, admit, counted }) };
};
