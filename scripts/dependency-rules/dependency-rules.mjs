/**
 * Who may use whom. One rule is one function below; the checks `imports` and `packed-imports` apply them to the
 * sources and to what is really published.
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { entriesOf } from '../workspace/packages.mjs';

/**
 * @typedef {object} CodeFile
 * @property {string} path from the root
 * @property {import('../workspace/packages.mjs').Package} owner
 * @property {boolean} shipped false for tests and private packages: they may use development dependencies
 * @property {{ specifier: string, line: number }[]} modules every module it names
 * @property {{ name: string, line: number }[]} hostGlobals every global it uses that only Node has
 *
 * @typedef {object} Workspace
 * @property {readonly import('../workspace/packages.mjs').Manifest[]} manifests of every package of ours
 * @property {readonly string[]} rootTools the development dependencies of the root, for every test
 */

/** Runs in any ES2022 runtime: no host, and of packages only those named. */
const hostFree = new Map([
  ['@throughline/core', []],
  ['@throughline/browser-runtime', ['@throughline/core']],
  ['@throughline/conformance', ['@throughline/core']],
]);

/** Adapters meet in the application, so each knows core alone; these know more. */
const knowsMoreThanCore = new Map([
  [
    '@throughline/cli',
    ['@throughline/journal-store', '@throughline/postgres-store', '@throughline/cosmos-store'],
  ],
]);

/** The one entry that brings its own OpenTelemetry SDK. */
const isolationEntry = /\/(src\/isolation\/|dist\/isolation[.-])/;

/**
 * The folders of a package from the ground up. A file knows its own folder and those of lower lines; folders of one line
 * know nothing of each other.
 *
 * @type {ReadonlyMap<string, readonly (readonly string[])[]>}
 */
const floorsOf = new Map([
  [
    '@throughline/pgconductor',
    [
      ['database', 'options', 'schedule'],
      ['retry'],
      ['task'],
      ['execution'],
      ['telemetry'],
      ['conductor'],
      ['observation', 'triggers'],
      ['orchestrator'],
      ['cli', 'testing'],
    ],
  ],
]);

const rules = [
  staysInside,
  looksDown,
  usesPublicNames,
  isHostFree,
  leavesAdaptersApart,
  usesOnlyTheOtelApi,
  isDeclared,
];

/**
 * Every rule the file breaks, as `path:line sentence`.
 *
 * @param {CodeFile} file
 * @param {Workspace} workspace
 * @returns {string[]}
 */
export function brokenRules(file, workspace) {
  const modules = file.modules.flatMap(({ specifier, line }) => {
    const sentence = rules
      .map((rule) => rule(specifier, file, workspace))
      .find((broken) => broken !== undefined);
    return sentence === undefined ? [] : [`${file.path}:${line} ${sentence}`];
  });
  const globals = isShippedHostFree(file)
    ? file.hostGlobals.map(({ name, line }) => `${file.path}:${line} uses ${name}, which only Node has`)
    : [];
  return [...modules, ...globals];
}

/** @typedef {(specifier: string, file: CodeFile, workspace: Workspace) => string | undefined} Rule */

/** @type {Rule} */
function staysInside(specifier, { path, owner }) {
  if (!isRelative(specifier)) return undefined;
  const target = posix.join(posix.dirname(path), specifier);
  if (target.startsWith(`${owner.folder}/`)) return undefined;
  return `reaches into ${target}: import the package by its name`;
}

/** @type {Rule} */
function looksDown(specifier, { path, shipped, owner }) {
  const floors = floorsOf.get(owner.manifest.name);
  if (floors === undefined || !shipped || !isRelative(specifier)) return undefined;
  const from = folderOf(path, owner);
  const to = folderOf(posix.join(posix.dirname(path), specifier), owner);
  if (from === undefined || to === undefined || from === to) return undefined;
  const own = floors.findIndex((floor) => floor.includes(from));
  const used = floors.findIndex((floor) => floor.includes(to));
  if (own === -1 || used === -1) return `is of ${from} and imports ${to}: both need a place among the floors`;
  return used < own ? undefined : `is of ${from} and imports ${to}, which is not below it`;
}

/** @type {Rule} */
function usesPublicNames(specifier, _file, { manifests }) {
  const ours = manifests.find(({ name }) => name === packageOf(specifier));
  if (ours === undefined || entriesOf(ours).includes(specifier)) return undefined;
  return `imports ${specifier}, which ${ours.name} does not export`;
}

/** @type {Rule} */
function isHostFree(specifier, file) {
  if (!isShippedHostFree(file) || isRelative(specifier)) return undefined;
  if (hostFree.get(file.owner.manifest.name)?.includes(packageOf(specifier))) return undefined;
  return `imports ${specifier}: ${file.owner.manifest.name} runs anywhere and depends on nothing else`;
}

/** @type {Rule} */
function leavesAdaptersApart(specifier, { shipped, owner }) {
  const { name } = owner.manifest;
  const used = packageOf(specifier);
  if (!shipped || !used.startsWith('@throughline/') || used === name) return undefined;
  if (used === '@throughline/core' || knowsMoreThanCore.get(name)?.includes(used)) return undefined;
  return `imports ${used}: adapters know core alone and meet in the application`;
}

/** @type {Rule} */
function usesOnlyTheOtelApi(specifier, { path, shipped, owner }) {
  if (!shipped || owner.manifest.name !== '@throughline/otel' || isolationEntry.test(path)) return undefined;
  const used = packageOf(specifier);
  if (!used.startsWith('@opentelemetry/') || used === '@opentelemetry/api') return undefined;
  return `imports ${used}: shipped code uses the OpenTelemetry API, the SDK is the application's`;
}

/** @type {Rule} */
function isDeclared(specifier, { shipped, owner }, { rootTools }) {
  if (isRelative(specifier) || isBuiltin(specifier)) return undefined;
  const { name, dependencies, peerDependencies, optionalDependencies, devDependencies } = owner.manifest;
  const declared = { [name]: '', ...dependencies, ...peerDependencies, ...optionalDependencies };
  const forTests = shipped ? [] : [...Object.keys(devDependencies ?? {}), ...rootTools];
  const used = packageOf(specifier);
  if (used in declared || forTests.includes(used)) return undefined;
  return `imports ${used}, which ${owner.folder}/package.json does not declare`;
}

function isShippedHostFree(/** @type {CodeFile} */ { shipped, owner }) {
  return shipped && hostFree.has(owner.manifest.name);
}

/**
 * @param {string} path from the root
 * @param {import('../workspace/packages.mjs').Package} owner
 * @returns {string | undefined} of its sources; `undefined` for what lies in none
 */
function folderOf(path, owner) {
  const [folder, ...rest] = path.startsWith(`${owner.folder}/src/`)
    ? path.slice(`${owner.folder}/src/`.length).split('/')
    : [];
  return rest.length === 0 ? undefined : folder;
}

function isRelative(/** @type {string} */ specifier) {
  return specifier.startsWith('.');
}

/** `@throughline/core/events` → `@throughline/core`, `node:fs` → `node:fs`. */
function packageOf(/** @type {string} */ specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
