import { formatYuan } from '@caretab/kernel';

/** What the bank booked on an account. */
export interface Booked {
  readonly reference: string;
  readonly account: string;
  /** Positive: came in. */
  readonly amountFen: number;
  readonly date: string;
  readonly endToEndId?: string;
  readonly remittance?: string;
  /** Set on what came back. */
  readonly returnReason?: string;
}

export interface Transfer {
  readonly endToEndId: string;
  readonly amountFen: number;
  readonly account: string;
}

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:';

const document = (kind: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="${NAMESPACE}${kind}">${content}</Document>\n`;

const texts: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => texts[sign]!);
const between = (text: string, start: string, end: string): string => {
  const from = text.indexOf(start);
  return from < 0 ? '' : text.slice(from + start.length, text.indexOf(end, from));
};
const fenOf = (yuan: string): number => Math.round(Number(yuan) * 100);

/** Reads a pain.001 of ours; undefined where its count or its sum is not that of its transfers. */
export const readFile = (
  content: string,
): { readonly debtorAccount: string; readonly transfers: readonly Transfer[] } | undefined => {
  const [head = '', ...parts] = content.split('<CdtTrfTxInf>');
  const transfers = parts.map((part) => ({
    endToEndId: between(part, '<EndToEndId>', '</'),
    amountFen: fenOf(between(part, '<InstdAmt Ccy="CNY">', '</')),
    account: between(between(part, '<CdtrAcct>', '</CdtrAcct>'), '<Othr><Id>', '</'),
  }));
  const sumFen = transfers.reduce((sum, { amountFen }) => sum + amountFen, 0);
  const isWhole =
    Number(between(head, '<NbOfTxs>', '</')) === transfers.length &&
    fenOf(between(head, '<CtrlSum>', '</')) === sumFen;
  const debtorAccount = between(between(head, '<DbtrAcct>', '</DbtrAcct>'), '<Othr><Id>', '</');
  return isWhole && transfers.length > 0 ? { debtorAccount, transfers } : undefined;
};

/** pain.002: what becomes of each transfer of a file. */
export const statusReport = (
  id: string,
  messageId: string,
  said: {
    readonly at: Date;
    readonly rejected: ReadonlyMap<string, string>;
    readonly transfers: readonly Transfer[];
  },
): string => {
  const { rejected, transfers } = said;
  const group = rejected.size === 0 ? 'ACCP' : rejected.size === transfers.length ? 'RJCT' : 'PART';
  const statuses = transfers.map(({ endToEndId }) => {
    const reason = rejected.get(endToEndId);
    const why = reason ? `<StsRsnInf><Rsn><Cd>${reason}</Cd></Rsn></StsRsnInf>` : '';
    return (
      `<TxInfAndSts><OrgnlEndToEndId>${endToEndId}</OrgnlEndToEndId>` +
      `<TxSts>${reason ? 'RJCT' : 'ACSP'}</TxSts>${why}</TxInfAndSts>`
    );
  });
  return document(
    'pain.002.001.12',
    `<CstmrPmtStsRpt><GrpHdr><MsgId>${id}</MsgId><CreDtTm>${said.at.toISOString()}</CreDtTm></GrpHdr>` +
      `<OrgnlGrpInfAndSts><OrgnlMsgId>${messageId}</OrgnlMsgId>` +
      `<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>${group}</GrpSts></OrgnlGrpInfAndSts>` +
      `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${messageId}</OrgnlPmtInfId>${statuses.join('')}` +
      '</OrgnlPmtInfAndSts></CstmrPmtStsRpt>',
  );
};

const signed = (amountFen: number): string =>
  `<Amt Ccy="CNY">${formatYuan(Math.abs(amountFen))}</Amt>` +
  `<CdtDbtInd>${amountFen < 0 ? 'DBIT' : 'CRDT'}</CdtDbtInd>`;

export const entryText = (booked: Booked): string => {
  const { amountFen, date, reference, endToEndId, remittance, returnReason } = booked;
  return (
    `<Ntry>${signed(amountFen)}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${date}</Dt></BookgDt>` +
    `<ValDt><Dt>${date}</Dt></ValDt><AcctSvcrRef>${reference}</AcctSvcrRef><BkTxCd/>` +
    '<NtryDtls><TxDtls>' +
    (endToEndId ? `<Refs><EndToEndId>${endToEndId}</EndToEndId></Refs>` : '') +
    signed(amountFen) +
    (remittance ? `<RmtInf><Ustrd>${escaped(remittance)}</Ustrd></RmtInf>` : '') +
    (returnReason ? `<RtrInf><Rsn><Cd>${returnReason}</Cd></Rsn></RtrInf>` : '') +
    '</TxDtls></NtryDtls></Ntry>'
  );
};

const accountText = (account: string): string =>
  `<Acct><Id><Othr><Id>${account}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>`;
const balance = (code: string, amountFen: number, date: string): string =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${signed(amountFen)}` +
  `<Dt><Dt>${date}</Dt></Dt></Bal>`;

/** camt.054: one movement, at once. */
export const notice = (id: string, at: Date, booked: Booked): string =>
  document(
    'camt.054.001.08',
    `<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>${id}</MsgId><CreDtTm>${at.toISOString()}</CreDtTm></GrpHdr>` +
      `<Ntfctn><Id>${id}</Id><CreDtTm>${at.toISOString()}</CreDtTm>${accountText(booked.account)}` +
      `${entryText(booked)}</Ntfctn></BkToCstmrDbtCdtNtfctn>`,
  );

/** camt.053: the movements of a day, by account, between its balances. */
export const statement = (
  id: string,
  day: {
    readonly at: Date;
    readonly date: string;
    readonly accounts: readonly {
      readonly account: string;
      readonly openingFen: number;
      readonly booked: readonly Booked[];
    }[];
  },
): string => {
  const { at, date, accounts } = day;
  const statements = accounts.map(({ account, openingFen, booked }, index) => {
    const closingFen = booked.reduce((sum, { amountFen }) => sum + amountFen, openingFen);
    return (
      `<Stmt><Id>${id}-${index + 1}</Id><CreDtTm>${at.toISOString()}</CreDtTm>` +
      accountText(account) +
      balance('OPBD', openingFen, date) +
      balance('CLBD', closingFen, date) +
      `${booked.map(entryText).join('')}</Stmt>`
    );
  });
  return document(
    'camt.053.001.08',
    `<BkToCstmrStmt><GrpHdr><MsgId>${id}</MsgId><CreDtTm>${at.toISOString()}</CreDtTm></GrpHdr>` +
      `${statements.join('')}</BkToCstmrStmt>`,
  );
};
