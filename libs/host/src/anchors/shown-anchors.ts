import type { AnchorReport } from '@caretab/anchors';

const shownPosition = (position: bigint | null): string | null => position?.toString() ?? null;

/** A report as an answer has it; null where there are no anchors. */
export const shownAnchors = (report: AnchorReport | null) =>
  report && {
    ...report,
    faults: report.faults.map((fault) => ({
      ...fault,
      after: shownPosition(fault.after),
      upTo: shownPosition(fault.upTo),
    })),
  };
