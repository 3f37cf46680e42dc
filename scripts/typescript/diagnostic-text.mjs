import { relative } from 'node:path';
import ts from 'typescript';
import { root } from '../workspace/root.mjs';

/**
 * A diagnostic as `path:line message`, with the path from the root.
 *
 * @param {ts.Diagnostic} diagnostic
 * @param {(path: string) => string} [rename] for files that stand for another
 */
export function diagnosticText({ file, start = 0, messageText, code }, rename = fromRoot) {
  const message = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`;
  if (file === undefined) return message;
  return `${rename(file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1} ${message}`;
}

function fromRoot(/** @type {string} */ path) {
  return relative(root, path);
}
