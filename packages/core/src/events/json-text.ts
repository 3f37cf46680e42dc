const utf8 = /* @__PURE__ */ new TextEncoder();
/** Anything but printable ASCII that JSON writes as it is. */
const unusual = /[^ !#-[\]-~]/;

/** The size of `text` as a JSON string in UTF-8, quotes included. */
export function jsonBytes(text: string): number {
  return unusual.test(text) ? utf8.encode(JSON.stringify(text)).length : text.length + 2;
}

/** `text` without what some database refuses: NUL, and halves of surrogate pairs. */
export function wellFormed(text: string): string {
  return unusual.test(text) ? text.replace(/[\p{Cs}\0]/gu, '\uFFFD') : text;
}
