/** What the model says, why, and how sure it is. */
export interface RiskDecision {
  readonly decision: 'approve' | 'decline';
  readonly reasoning: string;
  /** From 0 to 1. */
  readonly confidence: number;
  readonly model: string;
}

/** A risk model that reads one number and explains itself. */
export function decideRisk(score: number): RiskDecision {
  const decision = score >= 500 ? 'approve' : 'decline';
  const distance = Math.abs(score - 500) / 350;
  return {
    decision,
    reasoning: `score ${score} is ${decision === 'approve' ? 'at or above' : 'below'} the threshold of 500`,
    confidence: Math.round((0.6 + 0.4 * distance) * 100) / 100,
    model: 'risk-rules-1',
  };
}
