/** FNV-1a over code units, with the upper bits folded into the lower ones. The same on every machine; may be negative. */
export function hashText(text: string, salt = 0): number {
  let hash = salt;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}
