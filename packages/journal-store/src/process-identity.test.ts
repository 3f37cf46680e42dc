import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { mayRun, NOBODY, thisProcess } from './process-identity.ts';

const own = thisProcess();
const never = Number.POSITIVE_INFINITY;
const endedPid = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
const isTold = own.startedAt !== '0';

describe('a process that wrote a file', () => {
  it('may run when it is this one', () => {
    expect(mayRun(own, 0, 0)).toBe(true);
  });

  it('may run when the system knows its pid, and does not tell when it started', () => {
    expect(mayRun({ ...own, pid: process.ppid, startedAt: '0' }, 0, 0)).toBe(true);
  });

  it('has ended when its pid is gone, however lately it wrote', () => {
    expect(mayRun({ ...own, pid: endedPid, startedAt: '0' }, Date.now(), never)).toBe(false);
  });

  it('is nobody once it has handed the file over, wherever it ran', () => {
    expect(mayRun({ ...own, pid: NOBODY }, Date.now(), never)).toBe(false);
    expect(mayRun({ ...own, machine: '00000000', pid: NOBODY }, Date.now(), never)).toBe(false);
  });

  it('has ended when its pid is that of a process which started at another time, where the system tells', () => {
    expect(mayRun({ ...own, startedAt: '1' }, Date.now(), never)).toBe(!isTold);
  });

  it('of another machine may run as long as it is not silent for too long', () => {
    const elsewhere = { ...own, machine: '00000000' };
    expect(mayRun(elsewhere, Date.now() - 1000, 60_000)).toBe(true);
    expect(mayRun(elsewhere, Date.now() - 61_000, 60_000)).toBe(false);
  });
});
