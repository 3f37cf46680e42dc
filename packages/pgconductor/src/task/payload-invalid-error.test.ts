import { describe, expect, it } from 'vitest';
import { PayloadInvalidError } from './payload-invalid-error.ts';
import { ResultInvalidError } from './result-invalid-error.ts';

describe('PayloadInvalidError', () => {
  it('says whose payload is wrong, how, and what to do', () => {
    expect(new PayloadInvalidError('event', 'user.created', 'id: is missing')).toMatchObject({
      name: 'PayloadInvalidError',
      code: 'THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID',
      message:
        'The payload does not fit event "user.created": id: is missing. Give what its schema asks for.',
      of: 'user.created',
      issues: 'id: is missing',
    });
  });
});

describe('ResultInvalidError', () => {
  it('says which task, how, and what to do', () => {
    expect(new ResultInvalidError('greet', 'is no text')).toMatchObject({
      name: 'ResultInvalidError',
      code: 'THROUGHLINE_PGCONDUCTOR_RESULT_INVALID',
      message:
        'The result of task "greet" does not fit its schema: is no text. Return what `returns` asks for.',
    });
  });
});
