/** The process of one check: `node check-process.mjs <name>`, started by `run-check.mjs` with a channel back. */
const name = process.argv[2];
/** @type {{ run(): import('./run-check.mjs').Findings | Promise<import('./run-check.mjs').Findings> }} */
const check = await import(`./${name}.mjs`);
process.send?.(await check.run(), () => process.disconnect());

export {};
