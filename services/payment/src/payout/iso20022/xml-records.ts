import { SaxesParser } from 'saxes';

/** An element of XML with what is in it; names are local, without prefix. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  readonly text: string;
}

export interface XmlRecord {
  /** Local names from below the root, e.g. `BkToCstmrStmt/Stmt/Ntry`. */
  readonly path: string;
  readonly node: XmlNode;
}

/** The XML is not what it has to be; `why` has no content of it. */
export class XmlRefused extends Error {
  constructor(readonly why: string) {
    super(`The XML is refused: ${why}`);
    this.name = 'XmlRefused';
  }
}

/** Elements of one record. A batch of some ten thousand payments has so many. */
const NODES_MAX = 300_000;
const DEPTH_MAX = 40;
const TEXT_MAX = 10_000;

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlNode[];
  text: string;
}

const localOf = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Builds the wanted elements of one document while its text comes in. */
class Reading {
  readonly found: XmlRecord[] = [];
  /** Local names from below the root. */
  private readonly path: string[] = [];
  private readonly building: Open[] = [];
  private isInRoot = false;
  private nodes = 0;
  private readonly parser = new SaxesParser();

  constructor(
    private readonly namespaces: RegExp,
    private readonly wanted: ReadonlySet<string>,
  ) {
    const { parser } = this;
    parser.on('doctype', () => {
      // A document type brings entities, which expand without end or read files.
      throw new XmlRefused('it has a document type');
    });
    parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !/^utf-?8$/i.test(encoding))
        throw new XmlRefused('its encoding is not UTF-8');
    });
    parser.on('error', () => {
      throw new XmlRefused('it is not well-formed');
    });
    parser.on('opentag', ({ name, attributes }) =>
      this.open(name, attributes as Record<string, string>),
    );
    parser.on('closetag', () => this.close());
    parser.on('text', (text) => this.add(text));
    parser.on('cdata', (text) => this.add(text));
  }

  write(text: string): void {
    this.parser.write(text);
  }

  end(): void {
    this.parser.close();
  }

  private open(name: string, attributes: Record<string, string>): void {
    const local = localOf(name);
    if (!this.isInRoot) return this.openRoot(name, attributes);
    this.path.push(local);
    if (this.path.length > DEPTH_MAX) throw new XmlRefused('it is nested too deep');
    if (this.building.length === 0 && !this.wanted.has(this.path.join('/'))) return;
    this.nodes += 1;
    if (this.nodes > NODES_MAX) throw new XmlRefused('one of its records is too long');
    this.building.push({ name: local, attributes, children: [], text: '' });
  }

  private openRoot(name: string, attributes: Record<string, string>): void {
    const prefix = name.includes(':') ? `xmlns:${name.slice(0, name.indexOf(':'))}` : 'xmlns';
    if (localOf(name) !== 'Document' || !this.namespaces.test(attributes[prefix] ?? ''))
      throw new XmlRefused('it is of another kind than was asked for');
    this.isInRoot = true;
  }

  private close(): void {
    const path = this.path.join('/');
    this.path.pop();
    const closed = this.building.pop();
    if (!closed) return;
    const above = this.building.at(-1);
    if (above) return void above.children.push(closed);
    this.nodes = 0;
    this.found.push({ path, node: closed });
  }

  private add(text: string): void {
    const open = this.building.at(-1);
    if (!open || open.children.length > 0) return;
    open.text += text;
    if (open.text.length > TEXT_MAX) throw new XmlRefused('one of its texts is too long');
  }
}

/**
 * Reads the elements at these paths one by one, in their order, while the document comes in: what is
 * held is one of them. Refuses document types and so entities, encodings but UTF-8, and documents of
 * another namespace. Throws XmlRefused.
 */
export async function* xmlRecords(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { namespaces, paths }: { readonly namespaces: RegExp; readonly paths: readonly string[] },
): AsyncGenerator<XmlRecord> {
  const reading = new Reading(namespaces, new Set(paths));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw Object.assign(new XmlRefused('it is not UTF-8'), { cause: error });
    }
  };
  for await (const chunk of chunks) {
    reading.write(decoded(chunk));
    yield* reading.found.splice(0);
  }
  reading.write(decoded());
  reading.end();
  yield* reading.found.splice(0);
}

/** The first element at a path below a node. */
export const at = (node: XmlNode | undefined, path: string): XmlNode | undefined =>
  path
    .split('/')
    .reduce<XmlNode | undefined>(
      (found, name) => found?.children.find((child) => child.name === name),
      node,
    );

/** Every child of a name. */
export const every = (node: XmlNode | undefined, name: string): readonly XmlNode[] =>
  node?.children.filter((child) => child.name === name) ?? [];

/** The text at a path, trimmed; undefined where there is none. */
export const textAt = (node: XmlNode | undefined, path: string): string | undefined =>
  at(node, path)?.text.trim() || undefined;
