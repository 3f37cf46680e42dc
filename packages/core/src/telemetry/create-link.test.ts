import { describe, expect, it } from 'vitest';
import { createTraceContext } from '../trace-context/trace-context.ts';
import { createLink } from './create-link.ts';

const parent = createTraceContext();

describe('createLink', () => {
  it('points at a context, with the reason', () => {
    expect(createLink(parent, 'retry_of')).toEqual({ context: parent, relation: 'retry_of' });
  });

  it('needs no reason', () => {
    expect(createLink(parent)).toEqual({ context: parent });
  });
});
