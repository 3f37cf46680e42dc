/** A text says a figure between two marks: `<!-- bench:carriers/ours -->5.6 [4.9–6.1]×<!-- /bench -->`. */
const mark = /(<!-- bench:([\w-]+)\/(.*?) -->)(.*?)(<!-- \/bench -->)/g;

/**
 * The text with every marked figure of one benchmark replaced by the measured one.
 *
 * @param {string} text
 * @param {string} benchmark its name
 * @param {ReadonlyMap<string, string>} figures as `figuresOf` gives them
 */
export function withFigures(text, benchmark, figures) {
  return text.replace(mark, (all, open, name, figure, _said, close) =>
    name === benchmark ? `${open}${figures.get(figure) ?? `nothing is called ${figure}`}${close}` : all,
  );
}

/**
 * What a text says was measured.
 *
 * @param {string} text
 * @returns {{ benchmark: string, figure: string, said: string }[]}
 */
export function quotedFigures(text) {
  return [...text.matchAll(mark)].map(([, , benchmark = '', figure = '', said = '']) => ({
    benchmark,
    figure,
    said,
  }));
}
