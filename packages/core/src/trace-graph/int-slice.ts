/** Integers of one's own, all 0 at first: those of `cells` from `base` on. */
export interface IntSlice {
  readonly cells: Int32Array;
  readonly base: number;
}

/** 16 KiB. A slice keeps all of its slab alive, so it must be little. */
const slabLength = 4096;
const largestShared = slabLength / 4;

let slab: Int32Array = new Int32Array(0);
let taken = 0;

/**
 * Takes `length` integers. A typed array has its memory outside of the heap, which costs more than a whole graph of twenty
 * events, so small slices are cut from a slab that they share. No part of a slab is given out twice.
 */
export function takeInts(length: number): IntSlice {
  if (length > largestShared) return { cells: new Int32Array(length), base: 0 };
  if (taken + length > slab.length) {
    slab = new Int32Array(slabLength);
    taken = 0;
  }
  const base = taken;
  taken += length;
  return { cells: slab, base };
}
