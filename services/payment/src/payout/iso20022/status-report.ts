import { every, textAt, xmlRecords, XmlRefused, type XmlNode } from './xml-records';

/** What the bank says of one transfer, or of a whole file. */
export type BankStatus = 'pending' | 'accepted' | 'rejected';

export interface StatusReport {
  readonly messageId: string;
  /** Of the whole file; undefined: only of single transfers. */
  readonly file: StatusOf | undefined;
  readonly transfers: readonly (StatusOf & { readonly endToEndId: string })[];
}

export interface StatusOf {
  readonly status: BankStatus;
  /** The bank's code, of our form; undefined where it gave none. */
  readonly reason: string | undefined;
}

/**
 * ISO 20022's status codes. ACSC and ACCC say that money was booked: here it is accepted, for only
 * the line of the statement says that it is paid. PART says that transfers differ.
 */
const STATUSES: Readonly<Record<string, BankStatus>> = {
  RCVD: 'pending',
  PDNG: 'pending',
  ACTC: 'pending',
  ACCP: 'accepted',
  ACSP: 'accepted',
  ACSC: 'accepted',
  ACCC: 'accepted',
  ACWC: 'accepted',
  RJCT: 'rejected',
  CANC: 'rejected',
};

/** A bank's code, kept in our form: `AC04`, or `BANK_` and its letters and digits. */
export const reasonOf = (code: string | undefined): string | undefined => {
  if (code === undefined) return undefined;
  if (/^[A-Z]{2}\d{2}$/.test(code)) return code;
  const kept = code.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return kept === '' ? undefined : `BANK_${kept.slice(0, 30)}`;
};

const statusAt = (node: XmlNode | undefined, field: string): StatusOf | undefined => {
  const code = textAt(node, field);
  if (code === undefined || code === 'PART') return undefined;
  const status = STATUSES[code];
  if (!status) throw new XmlRefused('it has a status that is not known');
  return { status, reason: reasonOf(reasonAt(node)) };
};

const reasonAt = (node: XmlNode | undefined): string | undefined =>
  textAt(node, 'StsRsnInf/Rsn/Cd') ?? textAt(node, 'StsRsnInf/Rsn/Prtry');

const NAMESPACES = /^urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.\d{2}$/;
const [GROUP, PAYMENT] = [
  'CstmrPmtStsRpt/OrgnlGrpInfAndSts',
  'CstmrPmtStsRpt/OrgnlPmtInfAndSts',
] as const;

/** Reads pain.002: what the bank says of a file and its transfers. Throws XmlRefused. */
export const statusReportOf = async (
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<StatusReport> => {
  let [messageId, file] = [undefined as string | undefined, undefined as StatusOf | undefined];
  const transfers: (StatusOf & { readonly endToEndId: string })[] = [];
  for await (const { path, node } of xmlRecords(chunks, {
    namespaces: NAMESPACES,
    paths: [GROUP, PAYMENT],
  })) {
    if (path === GROUP) {
      messageId = textAt(node, 'OrgnlMsgId');
      file = statusAt(node, 'GrpSts');
      continue;
    }
    // A file has one payment of ours: its status is the file's.
    file ??= statusAt(node, 'PmtInfSts');
    for (const transfer of every(node, 'TxInfAndSts')) {
      const endToEndId = textAt(transfer, 'OrgnlEndToEndId');
      const status = statusAt(transfer, 'TxSts');
      if (endToEndId !== undefined && status) transfers.push({ endToEndId, ...status });
    }
  }
  if (messageId === undefined) throw new XmlRefused('it names no file of ours');
  return { messageId, file, transfers };
};
