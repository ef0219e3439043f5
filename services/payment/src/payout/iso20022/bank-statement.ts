import { assert, parseYuan } from '@caretab/kernel';
import { reasonOf } from './status-report';
import { at, every, textAt, type XmlNode, xmlRecords, XmlRefused } from './xml-records';

/** One booked movement of an account, as the bank's statement or notice has it. */
export interface BankEntry {
  /** Stands for the movement: the bank's own reference, else the place on the statement. */
  readonly reference: string;
  /** The number of the account. */
  readonly account: string;
  /** Positive: came in; negative: went out. Null: not readable, or not in CNY. */
  readonly amountFen: number | null;
  readonly valueDate: string | null;
  /** The end-to-end id of an order that it carries out, or that comes back. */
  readonly endToEndId: string | null;
  readonly isReturn: boolean;
  /** Why it came back, by the bank's code. */
  readonly reason: string | null;
  /** What the payer wrote. */
  readonly remittance: string;
}

/** What follows one after the other on a statement. */
export type StatementPart =
  | { readonly kind: 'entry'; readonly entry: BankEntry }
  /** The end of an account's statement. */
  | {
      readonly kind: 'end';
      readonly statementId: string;
      readonly account: string;
      readonly entries: number;
      /** Opening + entries − closing; zero, or something is missing. Null: no balances are given. */
      readonly missingFen: number | null;
    };

const NAMESPACES = /^urn:iso:std:iso:20022:tech:xsd:camt\.05[34]\.001\.\d{2}$/;
const ROOTS = ['BkToCstmrStmt/Stmt', 'BkToCstmrDbtCdtNtfctn/Ntfctn'];
const PATHS = ROOTS.flatMap((root) =>
  ['Id', 'Acct', 'Bal', 'Ntry'].map((name) => `${root}/${name}`),
);
const DATE = /^\d{4}-\d{2}-\d{2}/;
const TEXT_MAX = 140;

/** Yuan with up to five decimals, of which all but two are zero. */
const amountOf = (node: XmlNode | undefined): number | null => {
  const { text = '', attributes = {} } = node ?? {};
  const match = /^(\d{1,12})(?:\.(\d{1,2})0{0,3})?$/.exec(text.trim());
  if (!match || attributes['Ccy'] !== 'CNY') return null;
  return parseYuan(`${match[1]}.${match[2] ?? '0'}`);
};

const signOf = (node: XmlNode): 1 | -1 | 0 => {
  const indicator = textAt(node, 'CdtDbtInd');
  return indicator === 'CRDT' ? 1 : indicator === 'DBIT' ? -1 : 0;
};

const signed = (node: XmlNode, amountFen: number | null): number | null => {
  const sign = signOf(node);
  return sign === 0 || amountFen === null || amountFen === 0 ? null : sign * amountFen;
};

const dateOf = (node: XmlNode, name: string): string | null => {
  const text = textAt(node, `${name}/Dt`) ?? textAt(node, `${name}/DtTm`) ?? '';
  return DATE.exec(text)?.[0] ?? null;
};

const RETURNS = new Set(['RRTN', 'RPCR']);

const detailsOf = (entry: XmlNode, details: XmlNode | undefined) => ({
  endToEndId: textAt(details, 'Refs/EndToEndId') ?? null,
  isReturn:
    at(details, 'RtrInf') !== undefined ||
    textAt(entry, 'RvslInd') === 'true' ||
    RETURNS.has(textAt(entry, 'BkTxCd/Domn/Fmly/SubFmlyCd') ?? ''),
  reason: reasonOf(textAt(details, 'RtrInf/Rsn/Cd')) ?? null,
  remittance: (
    textAt(details, 'RmtInf/Strd/CdtrRefInf/Ref') ??
    textAt(details, 'RmtInf/Ustrd') ??
    ''
  ).slice(0, TEXT_MAX),
});

interface Place {
  readonly statementId: string;
  readonly account: string;
  readonly number: number;
}

/** The movements of one entry: a batch has one for each payment, if those come to the whole. */
const movementsOf = (entry: XmlNode, { statementId, account, number }: Place): BankEntry[] => {
  const amountFen = signed(entry, amountOf(at(entry, 'Amt')));
  const bankReference = textAt(entry, 'AcctSvcrRef');
  const valueDate = dateOf(entry, 'ValDt') ?? dateOf(entry, 'BookgDt');
  const one = (details: XmlNode | undefined, fen: number | null, at: string): BankEntry => ({
    reference: `${bankReference ?? `${statementId}#${number}`}${at}`,
    ...{ account, amountFen: fen, valueDate },
    ...detailsOf(entry, details),
  });
  const details = every(entry, 'NtryDtls').flatMap((each) => every(each, 'TxDtls'));
  if (details.length < 2) return [one(details[0], amountFen, '')];
  const parts = details.map((each) => {
    const amount = amountOf(at(each, 'Amt') ?? at(each, 'AmtDtls/TxAmt/Amt'));
    return signed(at(each, 'CdtDbtInd') ? each : entry, amount);
  });
  const isWhole =
    amountFen !== null &&
    parts.every((fen) => fen !== null) &&
    parts.reduce<number>((sum, fen) => sum + fen!, 0) === amountFen;
  // A batch that does not add up is one movement that nothing fits.
  return isWhole
    ? details.map((each, index) => one(each, parts[index]!, `/${index + 1}`))
    : [one(undefined, amountFen, '')];
};

const isBooked = (entry: XmlNode): boolean =>
  (textAt(entry, 'Sts/Cd') ?? textAt(entry, 'Sts')) === 'BOOK';

/** One account's statement while it comes in. */
class Account {
  account: string | undefined;
  entries = 0;
  sumFen = 0;
  private readonly balances = new Map<string, number | null>();

  constructor(readonly statementId: string) {
    assert(statementId !== '', 'a statement has an id');
  }

  balance(node: XmlNode): void {
    const code = textAt(node, 'Tp/CdOrPrtry/Cd') ?? '';
    // A balance of nothing has a sign too.
    const fen = amountOf(at(node, 'Amt'));
    this.balances.set(code, fen === null ? null : signOf(node) * fen);
  }

  end(): StatementPart {
    const opening = this.balances.get('OPBD') ?? this.balances.get('PRCD');
    const closing = this.balances.get('CLBD');
    const missingFen = opening == null || closing == null ? null : opening + this.sumFen - closing;
    const { statementId, account = '', entries } = this;
    return { kind: 'end', statementId, account, entries, missingFen };
  }
}

/**
 * Reads camt.053 or camt.054 entry by entry, as it comes in: what is booked, not what is pending or
 * for information. Throws XmlRefused.
 */
export async function* statementParts(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<StatementPart> {
  let current: Account | undefined;
  for await (const { path, node } of xmlRecords(chunks, { namespaces: NAMESPACES, paths: PATHS })) {
    if (path.endsWith('/Id')) {
      if (current) yield current.end();
      if (node.text.trim() === '') throw new XmlRefused('a statement of it has no id');
      current = new Account(node.text.trim());
      continue;
    }
    if (!current) throw new XmlRefused('it has an entry before the id of its statement');
    if (path.endsWith('/Acct'))
      current.account = textAt(node, 'Id/Othr/Id') ?? textAt(node, 'Id/IBAN');
    else if (path.endsWith('/Bal')) current.balance(node);
    else if (current.account === undefined) throw new XmlRefused('a statement has no account');
    else if (isBooked(node)) {
      const { statementId, account } = current;
      current.entries += 1;
      current.sumFen += signed(node, amountOf(at(node, 'Amt'))) ?? 0;
      const place = { statementId, account, number: current.entries };
      for (const entry of movementsOf(node, place)) yield { kind: 'entry', entry };
    }
  }
  if (!current) throw new XmlRefused('it has no statement');
  yield current.end();
}
