import { describe, expect, it } from 'vitest';
import { murmurHash3 } from './murmur-hash-3.ts';

const utf8 = new TextEncoder();

describe('murmurHash3', () => {
  it.each([
    ['', '00000000000000000000000000000000'],
    ["I will not buy this tobacconist's, it is scratched.", '9b5b7ba2ef3f7866889adeaf00f3f98e'],
  ])('hashes %j to the published value', (text, hash) => {
    expect(murmurHash3(utf8.encode(text))).toBe(hash);
  });

  it('passes the verification procedure of SMHasher for x86-128', () => {
    const key = Uint8Array.from({ length: 256 }, (_, index) => index);
    const hashes = Array.from(key, (_, length) =>
      littleEndian(murmurHash3(key.subarray(0, length), 256 - length)),
    );
    const verification = littleEndian(murmurHash3(Uint8Array.from(hashes.flat())));
    expect(new DataView(Uint8Array.from(verification).buffer).getUint32(0, true)).toBe(0xb3ece62a);
  });
});

/** The bytes as the reference writes them: each lane with its lowest byte first. */
function littleEndian(hash: string): number[] {
  return (hash.match(/.{8}/g) ?? []).flatMap((lane) =>
    (lane.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse(),
  );
}
