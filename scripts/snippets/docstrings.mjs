/**
 * The text of every doc comment of a source, as Markdown at the very lines where it stands: everything else is
 * blank, so that a line number in the result is one in the source.
 *
 * @param {string} source
 * @returns {string[]} one text per comment
 */
export function docstrings(source) {
  return [...source.matchAll(/^[ \t]*\/\*\*(?:.|\n)*?\*\//gm)].map((match) => {
    const linesBefore = source.slice(0, match.index).split('\n').length - 1;
    const text = match[0].replace(/\*\/$/, '').replace(/^[ \t]*(\/\*\*|\*) ?/gm, '');
    return '\n'.repeat(linesBefore) + text;
  });
}
