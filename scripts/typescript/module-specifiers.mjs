import ts from 'typescript';

/** @typedef {{ specifier: string, line: number }} ModuleSpecifier line counts from 1 */

/**
 * Every module a source or declaration names, in whatever way: import, export from, `import('x')` as a call or a
 * type, require, `import x = require()`, `declare module`, and triple-slash references to types.
 *
 * @param {string} file its name, which tells TypeScript from JavaScript
 * @param {string} text
 * @returns {ModuleSpecifier[]}
 */
export function moduleSpecifiers(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = source.typeReferenceDirectives.map(({ fileName, pos }) => at(source, fileName, pos));
  /** @param {ts.Node} node */
  const visit = (node) => {
    const literal = specifierOf(node);
    if (literal !== undefined) found.push(at(source, literal.text, literal.getStart(source)));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** @returns {ts.StringLiteralLike | undefined} */
function specifierOf(/** @type {ts.Node} */ node) {
  return [specifierExpression(node)].find((part) => part !== undefined && ts.isStringLiteralLike(part));
}

/** @returns {ts.Node | undefined} */
function specifierExpression(/** @type {ts.Node} */ node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isModuleDeclaration(node)) return node.name;
  if (ts.isCallExpression(node) && loadsModule(node.expression)) return node.arguments[0];
  return undefined;
}

function loadsModule(/** @type {ts.Expression} */ callee) {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isPropertyAccessExpression(callee))
    return callee.getText().match(/^(require|import\.meta)\.resolve$/) !== null;
  return ts.isIdentifier(callee) && callee.text === 'require';
}

/** @returns {ModuleSpecifier} */
function at(
  /** @type {ts.SourceFile} */ source,
  /** @type {string} */ specifier,
  /** @type {number} */ position,
) {
  return { specifier, line: source.getLineAndCharacterOfPosition(position).line + 1 };
}
