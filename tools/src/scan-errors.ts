import ts from 'typescript';
import { constantsOf, parse, type Place, placeOf, textsOf, walk } from './scan';

export interface ErrorUse extends Place {
  /** Undefined when the workspace's code does not show it. */
  readonly code: string | undefined;
  readonly kind: string | undefined;
}

interface Sources {
  readonly all: readonly ts.SourceFile[];
  /** `type FrameFault = 'FRAME_TRUNCATED' | …` → its texts. */
  readonly unions: ReadonlyMap<string, readonly string[]>;
}

/** A function, and which of its parameters carries the code. */
interface Carrier {
  readonly name: string;
  readonly index: number;
}

const screaming = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

const unionsOf = (all: readonly ts.SourceFile[]): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, readonly string[]>();
  for (const source of all) {
    walk(source, (node) => {
      if (!ts.isTypeAliasDeclaration(node) || !ts.isUnionTypeNode(node.type)) return;
      const texts = node.type.types.flatMap((type) =>
        ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : [],
      );
      if (texts.length === node.type.types.length) found.set(node.name.text, texts);
    });
  }
  return found;
};

const nameOf = (at: ts.SignatureDeclaration): string | undefined => {
  if (at.name) return at.name.getText();
  return ts.isVariableDeclaration(at.parent) || ts.isPropertyDeclaration(at.parent)
    ? at.parent.name.getText()
    : undefined;
};

/** The parameter of a function around a node that has this name. */
const parameterAround = (
  node: ts.Node,
  name: string,
): { readonly carrier: Carrier | undefined; readonly type: string | undefined } | undefined => {
  for (let at = node.parent; at; at = at.parent) {
    if (!ts.isFunctionLike(at)) continue;
    const index = at.parameters.findIndex((parameter) => parameter.name.getText() === name);
    if (index < 0) continue;
    const called = nameOf(at);
    return {
      carrier: called === undefined ? undefined : { name: called, index },
      type: at.parameters[index]!.type?.getText(),
    };
  }
  return undefined;
};

/** The codes that calls anywhere in the workspace give to such a function. */
const codesGivenTo = ({ name, index }: Carrier, { all }: Sources): readonly string[] => {
  const found: string[] = [];
  for (const source of all) {
    const constants = constantsOf(source);
    walk(source, (node) => {
      if (!ts.isCallExpression(node) || node.expression.getText(source).split('.').pop() !== name)
        return;
      found.push(
        ...textsOf(node.arguments[index], constants).filter(
          (text): text is string => text !== undefined && screaming.test(text),
        ),
      );
    });
  }
  return found;
};

/**
 * Codes that reach an error as data: given to a parameter named `code`, or written as a property
 * `code`.
 */
const codesAsData = (sources: Sources): readonly string[] => {
  const found: string[] = [];
  for (const source of sources.all) {
    walk(source, (node) => {
      if (
        ts.isParameter(node) &&
        node.name.getText() === 'code' &&
        ts.isFunctionLike(node.parent)
      ) {
        const name = nameOf(node.parent);
        if (name)
          found.push(
            ...codesGivenTo({ name, index: node.parent.parameters.indexOf(node) }, sources),
          );
      }
      if (
        ts.isPropertyAssignment(node) &&
        node.name.getText() === 'code' &&
        ts.isStringLiteral(node.initializer) &&
        screaming.test(node.initializer.text)
      )
        found.push(node.initializer.text);
    });
  }
  // Without an underscore it may be a segment's name, or any other code that is no reason.
  return found.filter((code) => code.includes('_'));
};

const codesOf = (
  made: ts.NewExpression,
  source: ts.SourceFile,
  sources: Sources,
): readonly (string | undefined)[] => {
  const given = made.arguments?.[0];
  const argument = given && ts.isNonNullExpression(given) ? given.expression : given;
  const constants = constantsOf(source);
  if (argument && ts.isIdentifier(argument) && !constants.has(argument.text)) {
    const around = parameterAround(made, argument.text);
    const union = around?.type ? sources.unions.get(around.type) : undefined;
    const codes = union ?? (around?.carrier ? codesGivenTo(around.carrier, sources) : []);
    return codes.length > 0 ? codes : [undefined];
  }
  // A code read from somewhere else (`fault.code`, `codeOf(reply)`) is data: it is collected where
  // the data is written.
  if (argument && (ts.isPropertyAccessExpression(argument) || ts.isCallExpression(argument)))
    return ts.isPropertyAccessExpression(argument) ? codesAsData(sources) : [];
  return textsOf(argument, constants);
};

/**
 * Every code that the DomainErrors of a workspace can carry, given the texts of its shipping code.
 */
export const errorsIn = (
  files: readonly (readonly [file: string, text: string])[],
): readonly ErrorUse[] => {
  if (!files.some(([, text]) => text.includes('DomainError('))) return [];
  const all = files.map(([file, text]) => parse(file, text));
  const sources: Sources = { all, unions: unionsOf(all) };
  const found: ErrorUse[] = [];
  for (const source of all) {
    walk(source, (node) => {
      if (!ts.isNewExpression(node) || node.expression.getText(source) !== 'DomainError') return;
      const kind = textsOf(node.arguments?.[1], constantsOf(source))[0];
      for (const code of codesOf(node, source, sources))
        found.push({ ...placeOf(source, node), code, kind });
    });
  }
  return found;
};

/** The same over several workspaces: a helper of one is not looked for in another. */
export const errorsOfAll = (
  files: readonly (readonly [file: string, text: string])[],
): readonly ErrorUse[] => {
  const workspaces = new Map<string, (readonly [string, string])[]>();
  for (const entry of files) {
    const workspace = entry[0].split('/src/')[0]!;
    workspaces.set(workspace, [...(workspaces.get(workspace) ?? []), entry]);
  }
  return [...workspaces.values()].flatMap(errorsIn);
};
