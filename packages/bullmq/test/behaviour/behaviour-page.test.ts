import { describe, expect, it } from 'vitest';
import type { Account } from './account.ts';
import { accountsOn, pageOf } from './behaviour-page.ts';
import type { Play, SituationGroup } from './situation.ts';

const play: Play = async () => {};
const groups: readonly SituationGroup[] = [
  { heading: 'Some', plays: { 'A job works': play, 'It fails (`once`)': play } },
  { heading: 'Others', plays: { 'Nothing is told': play } },
];
const works: Account = [
  { span: '`send mail`', outcome: '**ok**', stored: '`job:queued` success' },
  { span: '&emsp;↳ `process mail`', outcome: '**ok**', stored: '`job:started` → `job:completed` success' },
];
const fails: Account = [{ span: '`send mail`', outcome: '**error** · Error', stored: '–' }];

describe('the page of behaviour', () => {
  it('has one row where the majors agree, and says so where they do not', () => {
    const five = new Map([
      ['A job works', works],
      ['It fails (`once`)', fails],
    ]);
    const page = pageOf(groups, { '5': five, '6': new Map([...five, ['It fails (`once`)', works]]) });

    const rows = page.match(/^\| (A job|It fails)[^|]*/gm);
    expect(rows).toEqual([
      '| A job works ',
      '| It fails (`once`) *(BullMQ 5)* ',
      '| It fails (`once`) *(BullMQ 6)* ',
    ]);
  });

  it('can be read back', () => {
    const accounts = {
      '5': new Map([['A job works', works]]),
      '6': new Map([
        ['A job works', fails],
        ['Nothing is told', fails],
      ]),
    };

    expect(accountsOn(pageOf(groups, accounts))).toEqual(accounts);
  });
});
