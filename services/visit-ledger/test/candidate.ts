import { systemTimers, type Timers } from '@caretab/kernel';
import type { Candidate } from '../src/views/leadership';

export const LEADER_TIMEOUT_MS = 600;
let processes = 0;

/** A further process that would lead. */
export const candidate = (storeId: string, timers: Timers = systemTimers): Candidate => ({
  ...{ storeId, timers, timeoutMs: LEADER_TIMEOUT_MS },
  owner: `process ${(processes += 1)}`,
});
