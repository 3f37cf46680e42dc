/** A statement was not answered, or with nothing: whether it took effect is not known. The cause of other errors. */
export class NoAnswerError extends Error {
  readonly code = 'NO_ANSWER';
}
