import ts from 'typescript';
import { virtualProgram } from './virtual-program.mjs';

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

/** @type {ts.CompilerOptions} the file alone: a name that nothing in it declares is a global */
const alone = { noLib: true, noResolve: true, allowJs: true, types: [] };

/**
 * Every use of a global that only Node has: by its bare name, as a type, or through `globalThis`, cast or not.
 *
 * @param {string} path whose end tells TypeScript from JavaScript
 * @param {string} text
 * @returns {{ name: string, line: number }[]}
 */
export function hostGlobalUses(path, text) {
  if (![...hostGlobals].some((name) => text.includes(name))) return [];
  const file = `/${path}`;
  const program = virtualProgram(new Map([[file, text]]), alone);
  const checker = program.getTypeChecker();
  const source = /** @type {ts.SourceFile} */ (program.getSourceFile(file));
  /** @type {{ name: string, line: number }[]} */
  const found = [];
  const visit = (/** @type {ts.Node} */ node) => {
    const name = globalNamed(node, checker);
    if (name !== undefined && hostGlobals.has(name)) {
      found.push({ name, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** @returns {string | undefined} */
function globalNamed(/** @type {ts.Node} */ node, /** @type {ts.TypeChecker} */ checker) {
  if (ts.isIdentifier(node)) return isMemberName(node) || isDeclared(node, checker) ? undefined : node.text;
  if (ts.isPropertyAccessExpression(node) && isGlobalThis(node.expression)) return node.name.text;
  if (ts.isElementAccessExpression(node) && isGlobalThis(node.expression))
    return textOf(node.argumentExpression);
  return undefined;
}

function isDeclared(/** @type {ts.Identifier} */ node, /** @type {ts.TypeChecker} */ checker) {
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  return (symbol?.declarations ?? []).length > 0;
}

/** `work.process`, `const { process: run } = work`: names of members, not of globals. */
function isMemberName(/** @type {ts.Identifier} */ node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isNamedTupleMember(parent)) return parent.name === node;
  return ts.isBindingElement(parent) && parent.propertyName === node;
}

/** @returns {boolean} */
function isGlobalThis(/** @type {ts.Expression} */ node) {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node)) {
    return isGlobalThis(node.expression);
  }
  return ts.isIdentifier(node) && node.text === 'globalThis';
}

function textOf(/** @type {ts.Expression} */ node) {
  return ts.isStringLiteralLike(node) ? node.text : undefined;
}
