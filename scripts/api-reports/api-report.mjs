import { dirname } from 'node:path';
import ts from 'typescript';

const printer = ts.createPrinter({ removeComments: true });

/**
 * The public shape of one entry: every name it exports with its declaration, sorted, without comments. How the
 * bundler split its files does not show. Types that exports use but that no one can import come after them.
 *
 * @param {string} declarations absolute path of the entry's built `.d.ts`
 * @param {ts.Program} program that holds it
 * @returns {string}
 */
export function apiReport(declarations, program) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(declarations);
  const module = source && checker.getSymbolAtLocation(source);
  const exported = (module ? checker.getExportsOfModule(module) : []).map((symbol) => ({
    name: symbol.name,
    target: withoutAlias(symbol, checker),
  }));
  const isOwn = ownedBy(dirname(declarations));
  const unreachable = namesUsedBut(exported, checker, isOwn);
  return [
    ...exported.sort(byName).map(({ name, target }) => declarationOf(name, target, isOwn)),
    ...(unreachable.length > 0 ? ['// used above, exported by no one here'] : []),
    ...unreachable.sort(byName).map(({ name, target }) => declarationOf(name, target, isOwn)),
  ]
    .join('\n\n')
    .concat('\n');
}

/** @typedef {{ name: string, target: ts.Symbol }} Named */

/**
 * Every symbol of the same package that the declarations name, over any number of steps, and that is not exported.
 *
 * @param {readonly Named[]} exported
 * @param {ts.TypeChecker} checker
 * @param {IsOwn} isOwn
 * @returns {Named[]}
 */
function namesUsedBut(exported, checker, isOwn) {
  const known = new Set(exported.map(({ target }) => target));
  /** @type {Named[]} */
  const found = [];
  const queue = [...known];
  for (let symbol = queue.pop(); symbol !== undefined; symbol = queue.pop()) {
    for (const used of symbolsNamedIn(symbol, checker)) {
      if (known.has(used) || !isTopLevel(used, isOwn)) continue;
      known.add(used);
      queue.push(used);
      found.push({ name: used.name, target: used });
    }
  }
  return found;
}

function symbolsNamedIn(/** @type {ts.Symbol} */ symbol, /** @type {ts.TypeChecker} */ checker) {
  /** @type {ts.Symbol[]} */
  const used = [];
  const visit = (/** @type {ts.Node} */ node) => {
    const named = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    const target = named && withoutAlias(named, checker);
    if (target !== undefined) used.push(target);
    ts.forEachChild(node, visit);
  };
  for (const declaration of symbol.declarations ?? []) visit(declaration);
  return used;
}

/** @typedef {(declaration: ts.Declaration) => boolean} IsOwn */

/** @returns {IsOwn} whether a declaration stands in the package whose built files are in `folder` */
function ownedBy(/** @type {string} */ folder) {
  return (declaration) => dirname(declaration.getSourceFile().fileName) === folder;
}

/** Declared by a statement of the package itself: not a member, not a parameter, not another package's. */
function isTopLevel(/** @type {ts.Symbol} */ { declarations = [] }, /** @type {IsOwn} */ isOwn) {
  return declarations.some((declaration) => {
    const statement = statementOf(declaration);
    return isOwn(declaration) && ts.isSourceFile(statement.parent) && declares(statement, declaration);
  });
}

function declares(/** @type {ts.Node} */ statement, /** @type {ts.Declaration} */ declaration) {
  return (
    statement === declaration || (ts.isVariableStatement(statement) && ts.isVariableDeclaration(declaration))
  );
}

function declarationOf(
  /** @type {string} */ name,
  /** @type {ts.Symbol} */ { declarations = [], name: original },
  /** @type {IsOwn} */ isOwn,
) {
  const renamed = name === original ? '' : `// ${original} as ${name}\n`;
  if (!declarations.some(isOwn)) return `${renamed}// ${name} is another package's`;
  return renamed + declarations.map((declaration) => printed(statementOf(declaration))).join('\n');
}

/** The statement, without the words that depend on how the bundler wrote it. */
function printed(/** @type {ts.Node} */ statement) {
  const text = printer.printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile());
  return text.replace(/^(export )?(default )?(declare )?/, '');
}

/** A variable is declared by the statement around it. */
function statementOf(/** @type {ts.Declaration} */ declaration) {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
}

function withoutAlias(/** @type {ts.Symbol} */ symbol, /** @type {ts.TypeChecker} */ checker) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function byName(/** @type {Named} */ a, /** @type {Named} */ b) {
  return a.name < b.name ? -1 : 1;
}
