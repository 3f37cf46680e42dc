/** What a case demands does not hold. Any other error in a case was thrown by the code under test, or by its harness. */
export class UnmetDemandError extends Error {
  override readonly name = 'UnmetDemandError';
}
