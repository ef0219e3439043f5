import ts from 'typescript';

/** A place in a source file, to be printed as file:line. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface Consumption extends Place {
  /** The exported name of the topic in contracts, e.g. `visitLedgerVisits`. */
  readonly topic: string;
  readonly group: string;
  /**
   * Event types that are handled, or undefined when the method does not say so by `on(topic, event,
   * { … })`.
   */
  readonly handled: readonly string[] | undefined;
}

export const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
};

export const parse = (file: string, text: string): ts.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);

export const placeOf = (source: ts.SourceFile, node: ts.Node): Place => ({
  file: source.fileName,
  line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1,
});

/**
 * The texts an expression can be, as far as they are written out: a literal, or the branches of a
 * condition.
 */
export const textsOf = (
  node: ts.Expression | undefined,
  constants: ReadonlyMap<string, string>,
): readonly (string | undefined)[] => {
  if (!node) return [undefined];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node))
    return textsOf(node.expression, constants);
  if (ts.isConditionalExpression(node))
    return [...textsOf(node.whenTrue, constants), ...textsOf(node.whenFalse, constants)];
  if (ts.isIdentifier(node)) return [constants.get(node.text)];
  return [undefined];
};

/** `const NAME = 'text'` of one file. */
export const constantsOf = (source: ts.SourceFile): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  walk(source, (node) => {
    if (
      ts.isVariableDeclaration(node) &&
      (ts.getCombinedNodeFlags(node) & ts.NodeFlags.Const) !== 0 &&
      ts.isIdentifier(node.name) &&
      node.initializer &&
      ts.isStringLiteralLike(node.initializer)
    )
      found.set(node.name.text, node.initializer.text);
  });
  return found;
};

const propertyOf = (
  object: ts.ObjectLiteralExpression,
  name: string,
): ts.Expression | undefined => {
  for (const property of object.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === name)
      return property.initializer;
    if (ts.isShorthandPropertyAssignment(property) && property.name.text === name)
      return property.name;
  }
  return undefined;
};

/**
 * The event types that some `on(topic, event, { Type: handler | 'ignore' })` below a node handles.
 */
const handledIn = (method: ts.Node, source: ts.SourceFile): readonly string[] | undefined => {
  let handled: string[] | undefined;
  walk(method, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText(source) !== 'on') return;
    const handlers = node.arguments[2];
    if (!handlers || !ts.isObjectLiteralExpression(handlers)) return;
    handled = handlers.properties
      .filter(
        (property) =>
          !(ts.isPropertyAssignment(property) && ts.isStringLiteralLike(property.initializer)),
      )
      .flatMap((property) =>
        property.name ? [property.name.getText(source).replace(/['"]/g, '')] : [],
      );
  });
  return handled;
};

/** Every `@Consumes({ from, group })` of a file, with the events its method handles. */
export const consumptionsIn = (file: string, text: string): readonly Consumption[] => {
  if (!text.includes('Consumes(')) return [];
  const source = parse(file, text);
  const constants = constantsOf(source);
  const found: Consumption[] = [];
  walk(source, (node) => {
    if (
      !ts.isDecorator(node) ||
      !ts.isCallExpression(node.expression) ||
      node.expression.expression.getText(source) !== 'Consumes'
    )
      return;
    const options = node.expression.arguments[0];
    if (!options || !ts.isObjectLiteralExpression(options)) return;
    const from = propertyOf(options, 'from');
    const group = textsOf(propertyOf(options, 'group'), constants)[0];
    if (!from || !group) return;
    const topic = ts.isCallExpression(from)
      ? from.expression.getText(source)
      : from.getText(source);
    found.push({ ...placeOf(source, node), topic, group, handled: handledIn(node.parent, source) });
  });
  return found;
};

/** The names inside a service definition's `publishes: [ … ]`. */
export const publishedIn = (file: string, text: string): readonly string[] => {
  if (!text.includes('publishes')) return [];
  const source = parse(file, text);
  const found = new Set<string>();
  walk(source, (node) => {
    if (!ts.isPropertyAssignment(node) || node.name.getText(source) !== 'publishes') return;
    walk(node.initializer, (inner) => {
      if (ts.isIdentifier(inner)) found.add(inner.text);
    });
  });
  return [...found];
};
