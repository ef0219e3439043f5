import { ApprovalTables1000000000006 } from '../migrations/host-2';

export { ApprovalController } from './approval.controller';
export { approvalTable, type ApprovalRow } from './approval.table';
export type { ShownApproval } from './approval-row';
export * from './approvals';
export * from './four-eyes';
export { TwinApprovals } from './twin-approvals';

/** The tables of the chassis in every service's schema. */
export const chassisMigrations = [ApprovalTables1000000000006] as const;
