// The straightforward way to keep events until they can be written: copy each, and push it to a list. No redaction, no
// cap, no account; a cycle throws. `?copy=clone` copies with `structuredClone`, `?copy=text` with `JSON.stringify`.
import { emitting } from './emit-bursts.mjs';

const copy = new URL(import.meta.url).searchParams.get('copy') === 'clone' ? structuredClone : JSON.stringify;

/** @type {unknown[]} */
let kept = [];

/** @type {import('../harness/subject.mjs').Subject} */
export default emitting(
  (event) => kept.push(copy(event)),
  () => {
    kept = [];
  },
);
