import { formatYuan } from '@caretab/kernel';

/** An account at a bank of mainland China: no IBAN, but the bank's code in CNAPS and a number. */
export interface CnapsAccount {
  readonly holderName: string;
  /** 12 digits. */
  readonly bankCode: string;
  readonly account: string;
}

export interface CreditTransfer {
  /** At most 35 letters and digits. */
  readonly endToEndId: string;
  readonly amountFen: number;
  readonly creditor: CnapsAccount;
  /** At most 140 characters. */
  readonly remittance: string;
}

export interface PaymentFile {
  readonly messageId: string;
  readonly createdAt: Date;
  /** Asia/Shanghai. */
  readonly executionDate: string;
  readonly debtor: CnapsAccount;
  readonly transfers: readonly CreditTransfer[];
}

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
export const xmlText = (text: string): string => text.replace(/[&<>"]/g, (sign) => ESCAPED[sign]!);

const element = (name: string, ...content: readonly string[]): string =>
  `<${name}>${content.join('')}</${name}>`;
const leaf = (name: string, text: string): string => element(name, xmlText(text));

const accountOf = ({ account }: CnapsAccount): string =>
  element('Id', element('Othr', leaf('Id', account)));
const agentOf = ({ bankCode }: CnapsAccount): string =>
  element(
    'FinInstnId',
    element('ClrSysMmbId', element('ClrSysId', leaf('Cd', 'CNAPS')), leaf('MmbId', bankCode)),
  );

export const controlSumOf = (transfers: readonly Pick<CreditTransfer, 'amountFen'>[]): number =>
  transfers.reduce((sum, { amountFen }) => sum + amountFen, 0);

const transferOf = ({ endToEndId, amountFen, creditor, remittance }: CreditTransfer): string =>
  element(
    'CdtTrfTxInf',
    element('PmtId', leaf('InstrId', endToEndId), leaf('EndToEndId', endToEndId)),
    element('Amt', `<InstdAmt Ccy="CNY">${formatYuan(amountFen)}</InstdAmt>`),
    element('CdtrAgt', agentOf(creditor)),
    element('Cdtr', leaf('Nm', creditor.holderName)),
    element('CdtrAcct', accountOf(creditor)),
    element('RmtInf', leaf('Ustrd', remittance)),
  );

/**
 * Credit transfers as ISO 20022 pain.001.001.09, each booked by itself. The same file gives the same
 * bytes, so that its hash stands for it.
 */
export const pain001 = (file: PaymentFile): string => {
  const { messageId, createdAt, executionDate, debtor, transfers } = file;
  const totals = [
    leaf('NbOfTxs', String(transfers.length)),
    leaf('CtrlSum', formatYuan(controlSumOf(transfers))),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<Document xmlns="${NAMESPACE}">`,
    element(
      'CstmrCdtTrfInitn',
      element(
        'GrpHdr',
        leaf('MsgId', messageId),
        leaf('CreDtTm', createdAt.toISOString()),
        ...totals,
        element('InitgPty', leaf('Nm', debtor.holderName)),
      ),
      element(
        'PmtInf',
        leaf('PmtInfId', messageId),
        leaf('PmtMtd', 'TRF'),
        leaf('BtchBookg', 'false'),
        ...totals,
        element('ReqdExctnDt', leaf('Dt', executionDate)),
        element('Dbtr', leaf('Nm', debtor.holderName)),
        element('DbtrAcct', accountOf(debtor), leaf('Ccy', 'CNY')),
        element('DbtrAgt', agentOf(debtor)),
        ...transfers.map(transferOf),
      ),
    ),
    '</Document>\n',
  ].join('');
};
