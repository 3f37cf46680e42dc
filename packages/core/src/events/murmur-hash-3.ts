/** Multipliers, rotations and addends of the four lanes. */
const multipliers = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
const blockRotations = [15, 16, 17, 18];
const laneRotations = [19, 17, 15, 13];
const addends = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17];

/**
 * MurmurHash3 x86-128: four 32-bit lanes over blocks of 16 bytes.
 *
 * @returns 32 lowercase hex digits, the four lanes in order
 * @see {@link https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp | MurmurHash3.cpp}
 */
export function murmurHash3(bytes: Uint8Array, seed = 0): string {
  const lanes = [seed, seed, seed, seed];
  const end = bytes.length & ~15;
  for (let at = 0; at < end; at += 16) {
    for (let lane = 0; lane < 4; lane++) {
      const mixed = (laneOf(lanes, lane) ^ scramble(word(bytes, at + lane * 4), lane)) | 0;
      const next = (rotate(mixed, laneRotations[lane] ?? 0) + laneOf(lanes, lane + 1)) | 0;
      lanes[lane] = (Math.imul(next, 5) + (addends[lane] ?? 0)) | 0;
    }
  }
  for (let lane = 3; lane >= 0; lane--) {
    lanes[lane] = laneOf(lanes, lane) ^ scramble(word(bytes, end + lane * 4), lane) ^ bytes.length;
  }
  spread(lanes);
  const finished = lanes.map(avalanche);
  spread(finished);
  return finished.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

function laneOf(lanes: readonly number[], lane: number): number {
  return lanes[lane & 3] ?? 0;
}

/** Four bytes, the lowest first; bytes past the end are zero, which leaves the lane as it is. */
function word(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return a | (b << 8) | (c << 16) | (d << 24);
}

function scramble(block: number, lane: number): number {
  const spun = rotate(Math.imul(block, laneOf(multipliers, lane)), blockRotations[lane] ?? 0);
  return Math.imul(spun, laneOf(multipliers, lane + 1));
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** Adds every lane to every other. */
function spread(lanes: number[]): void {
  lanes[0] = lanes.reduce((sum, lane) => (sum + lane) | 0);
  for (let lane = 1; lane < 4; lane++) lanes[lane] = (laneOf(lanes, lane) + laneOf(lanes, 0)) | 0;
}

function avalanche(lane: number): number {
  lane = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  lane = Math.imul(lane ^ (lane >>> 13), 0xc2b2ae35);
  return lane ^ (lane >>> 16);
}
