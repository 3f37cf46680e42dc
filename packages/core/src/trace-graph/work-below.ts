import type { FoldedSpan } from './folded-span.ts';

/**
 * The work right below a span. Sends and points take no time, so what they stand for is looked at instead: below a send,
 * the jobs that it sent.
 */
export function workBelow(span: FoldedSpan): readonly FoldedSpan[] {
  const work: FoldedSpan[] = [];
  const stack = [span];
  for (let above = stack.pop(); above !== undefined; above = stack.pop()) {
    for (const child of above.children) {
      if (child.form === 'work') work.push(child);
      else stack.push(child);
    }
  }
  return work;
}

/** Handed to a queue or an engine, so that nobody has to wait for it. */
export function isHandedOver(span: FoldedSpan): boolean {
  return span.work !== undefined || span.parent?.form === 'send';
}
