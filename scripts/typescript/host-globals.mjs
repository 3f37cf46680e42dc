import ts from 'typescript';

/** What Node has and a browser has not. */
const hostGlobals = new Set([
  'Buffer',
  'process',
  '__dirname',
  '__filename',
  'require',
  'NodeJS',
  'setImmediate',
]);

/**
 * Every use of a global that only Node has: by its bare name, as a type, or through `globalThis`, cast or not.
 * A local name that hides such a global counts as well; give it another name.
 *
 * @param {string} file
 * @param {string} text
 * @returns {{ name: string, line: number }[]}
 */
export function hostGlobalUses(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  /** @type {{ name: string, line: number }[]} */
  const found = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    const name = nameUsed(node);
    if (name !== undefined && hostGlobals.has(name)) {
      found.push({ name, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameUsed(/** @type {ts.Node} */ node) {
  if (ts.isIdentifier(node)) return isMemberName(node) ? undefined : node.text;
  if (ts.isPropertyAccessExpression(node) && isGlobalThis(node.expression)) return node.name.text;
  if (ts.isElementAccessExpression(node) && isGlobalThis(node.expression))
    return literalText(node.argumentExpression);
  return undefined;
}

/** `work.process`, `{ process: 1 }`, `interface Span { process(): void }`: names of members, not of globals. */
function isMemberName(/** @type {ts.Identifier} */ node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  return (
    (ts.isClassElement(parent) || ts.isTypeElement(parent) || ts.isPropertyAssignment(parent)) &&
    parent.name === node
  );
}

/** @returns {boolean} */
function isGlobalThis(/** @type {ts.Expression} */ node) {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node)) {
    return isGlobalThis(node.expression);
  }
  return ts.isIdentifier(node) && node.text === 'globalThis';
}

function literalText(/** @type {ts.Expression} */ node) {
  return ts.isStringLiteralLike(node) ? node.text : undefined;
}
