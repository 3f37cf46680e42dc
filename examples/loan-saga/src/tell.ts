/** A message from a process of the saga to the demo. */
export type ProcessMessage =
  | { readonly type: 'ready'; readonly details: Readonly<Record<string, string | number>> }
  | { readonly type: 'progress'; readonly text: string };

/** Tells the demo what happened, for its progress lines. */
export function tell(text: string): void {
  if (process.connected) process.send?.({ type: 'progress', text } satisfies ProcessMessage);
}
