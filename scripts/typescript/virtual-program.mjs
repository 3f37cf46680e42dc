import { dirname } from 'node:path';
import ts from 'typescript';

/**
 * A program over texts that lie on no disk, among the real files around them.
 *
 * @param {ReadonlyMap<string, string>} texts absolute path → text
 * @param {ts.CompilerOptions} options
 * @returns {ts.Program}
 */
export function virtualProgram(texts, options) {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  const directories = new Set([...texts.keys()].map(dirname));
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.readFile = (file) => texts.get(file) ?? readFile(file);
  host.directoryExists = (folder) => directories.has(folder) || ts.sys.directoryExists(folder);
  return ts.createProgram([...texts.keys()], options, host);
}
