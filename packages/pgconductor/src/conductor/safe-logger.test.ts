import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LogFields, Logger } from '../task/logger.ts';
import { safeLogger } from './safe-logger.ts';

const failure = new Error('the disk is full');

function throwing(): Logger {
  const fail = () => {
    throw failure;
  };
  return { debug: fail, info: fail, warn: fail, error: fail, child: fail };
}

afterEach(() => vi.restoreAllMocks());

describe('safeLogger', () => {
  it('gives messages and fields to the logger, as a method of it', () => {
    const logger = {
      lines: [] as unknown[],
      debug() {},
      info(message: string, fields?: LogFields) {
        this.lines.push([message, fields]);
      },
      warn() {},
      error() {},
    };
    safeLogger(logger).info('sent', { to: 'ada' });
    expect(logger.lines).toEqual([['sent', { to: 'ada' }]]);
  });

  it('tells the console once that the logger throws', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const logger = safeLogger(throwing());
    logger.info('one');
    logger.error('two');
    expect(told.mock.calls).toEqual([['pgconductor: the logger throws; the work goes on.', failure]]);
  });

  it('is its own child when the logger cannot make one', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const logger = safeLogger(throwing());
    expect(() => logger.child?.({ attempt: 1 }).warn('three')).not.toThrow();
  });

  it('keeps children from throwing, too', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const parent = { ...throwing(), child: () => throwing() };
    expect(() => safeLogger(parent).child?.({}).warn('four')).not.toThrow();
  });

  it('has no child where the logger has none', () => {
    const { child: _, ...plain } = throwing();
    expect(safeLogger(plain).child).toBeUndefined();
  });
});
