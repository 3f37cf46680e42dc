import { NoAnswerError } from './no-answer-error.ts';

/**
 * What `work` comes to. Rejects with a NoAnswerError when that takes longer than `ms`; what comes after that is not heard.
 */
export function within<Result>(ms: number, work: PromiseLike<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswerError(`There was no answer for ${ms} ms.`)), ms);
    work.then(
      (result) => {
        clearTimeout(timer);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
