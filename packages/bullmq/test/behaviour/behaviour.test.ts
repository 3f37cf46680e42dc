import { readFileSync, writeFileSync } from 'node:fs';
import type { SpanOutcome } from '@throughline/core';
import { afterAll, describe, expect, it } from 'vitest';
import { major } from '../support/same-major.ts';
import type { Account } from './account.ts';
import { accountsOn, majors, pageOf } from './behaviour-page.ts';
import { situations } from './situations.ts';
import { openStage } from './stage.ts';

const file = new URL('../../../../docs/reference/bullmq-behaviour.md', import.meta.url);
/** Set by `pnpm behaviour:update`: what the runs give is written, not compared. */
const isUpdate = process.env.THROUGHLINE_BEHAVIOUR === 'update';

const jobOutcomes: readonly SpanOutcome[] = [
  'ok',
  'error',
  'retry',
  'lost',
  'delayed',
  'rate_limited',
  'waiting',
  'released',
];

const page = readFileSync(file, 'utf8');
const committed = accountsOn(page);
const played = new Map<string, Account>();
const names = situations.flatMap(({ plays }) => Object.keys(plays));

afterAll(() => {
  if (!isUpdate) return;
  const accounts = { ...committed, [major]: new Map([...committed[major], ...played]) };
  writeFileSync(file, pageOf(situations, accounts));
});

describe.each(situations)('$heading', ({ plays }) => {
  it.each(Object.entries(plays))('%s', async (name, play) => {
    const stage = openStage();
    await play(stage);
    const account = await stage.account();
    played.set(name, account);
    if (!isUpdate) expect(account).toEqual(committed[major].get(name));
  });
});

if (!isUpdate)
  describe('the page of behaviour', () => {
    it('has a run for each of its situations, and a situation for each run', () => {
      for (const each of majors) expect([...committed[each].keys()].sort()).toEqual([...names].sort());
    });

    it('is as its runs write it: see `pnpm behaviour:update`', () => {
      expect(pageOf(situations, committed)).toBe(page);
    });

    it('has a situation for each outcome that a job can have', () => {
      const outcomes = new Set([...page.matchAll(/\*\*([a-z_]+)\*\*/g)].map(([, outcome]) => outcome));
      expect(outcomes).toEqual(new Set(jobOutcomes));
    });
  });
