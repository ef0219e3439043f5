import type { Bus } from '@caretab/bus';
import type { Service } from '@caretab/deploy';
import type { Api, MllpAddress } from '@caretab/hospital';

/** The platform as its users and its auditors reach it while it is under fire. */
export interface PlatformAccess {
  /** Every service over HTTP, through the lines that are cut. */
  readonly api: Api;
  readonly gatewayUrls: readonly string[];
  readonly mllp: readonly MllpAddress[];
  /** Through the line that is cut. */
  readonly bus: Bus;
  readonly webhookUrl: string;
  keyOf(institutionId: string): string;
  /** A hospital's own producer, through the line that is cut. */
  producerOf(institutionId: string): Bus;
  /** The database of a service, beside the lines: for the auditor, when the fire is over. */
  databaseUrlOf(service: Service): string;
  /** What the acquirer did, one JSON value per line: the bank's own record. */
  readonly acquirerJournal: string;
  /** What the hospitals' receiving end and the mail server took, one JSON value per line. */
  readonly webhookJournal: string;
  readonly mailJournal: string;
  /** What the processes of the services logged, a file each. */
  readonly logsFolder: string;
}
