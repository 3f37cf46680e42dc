import { describe, expect, it } from 'vitest';
import { evaluate, formatReport } from './report.mjs';

const file = new URL('file:///variant.mjs');

/** @param {readonly number[]} cpuMicros */
const runs = (...cpuMicros) =>
  cpuMicros.map((cpu) => ({ units: 1, cpuMicros: cpu, wallMicros: cpu, facts: { bytes: cpu } }));

/**
 * @param {readonly import('./report.mjs').Target[]} targets
 * @param {ReturnType<typeof runs>} ours
 */
function verdicts(targets, ours) {
  const base = runs(100, 100, 100, 100, 100, 100, 100);
  const benchmark = { title: '', unit: 'x', baseline: 'base', variants: { base: file, ours: file }, targets };
  return evaluate(benchmark, { base, ours }).targets.map(({ verdict }) => verdict);
}

describe('a target of a benchmark', () => {
  it('is met when the median meets it and the interval is at most 5 % past it', () => {
    expect(verdicts([{ variant: 'ours', atMost: 1.2 }], runs(118, 119, 119, 120, 120, 121, 125))).toEqual([
      'met',
    ]);
  });

  it('is missed when a narrow interval lies past it', () => {
    expect(verdicts([{ variant: 'ours', atMost: 1.1 }], runs(119, 119, 120, 120, 120, 121, 121))).toEqual([
      'missed',
    ]);
  });

  it('is inconclusive when the interval is wider than a tenth of the median and holds the bound', () => {
    expect(verdicts([{ variant: 'ours', atMost: 1.1 }], runs(90, 95, 100, 115, 120, 130, 140))).toEqual([
      'inconclusive',
    ]);
  });

  it('may ask for a multiple of the speed', () => {
    const fast = runs(19, 19, 19, 19, 19, 19, 19);
    const targets = [5, 6].map((fasterBy) => ({ variant: 'ours', fasterBy }));
    expect(verdicts(targets, fast)).toEqual(['met', 'missed']);
  });

  it('may bound a fact or the time itself', () => {
    const targets = [
      { variant: 'ours', fact: 'bytes', atMost: 50 },
      { variant: 'ours', microsAtMost: 30 },
    ];
    expect(verdicts(targets, runs(40, 40, 40, 40, 40, 40, 40))).toEqual(['met', 'missed']);
  });

  it('may bound what a variant costs more than its baseline, round by round', () => {
    const ours = runs(105, 105, 105, 105, 105, 105, 105);
    const targets = [6, 4].map((microsMoreAtMost) => ({ variant: 'ours', microsMoreAtMost }));
    expect(verdicts(targets, ours)).toEqual(['met', 'missed']);
  });

  it('compares the time on the wall where its benchmark does, and CPU where it asks for that itself', () => {
    const timed = (/** @type {number} */ wallMicros) => [{ units: 1, cpuMicros: 100, wallMicros, facts: {} }];
    const benchmark = {
      title: '',
      unit: 'x',
      measure: /** @type {const} */ ('wall'),
      baseline: 'base',
      variants: { base: file, ours: file },
      targets: [
        { variant: 'ours', fasterBy: 2 },
        { variant: 'ours', fasterBy: 2, measure: /** @type {const} */ ('cpu') },
      ],
    };
    const { targets } = evaluate(benchmark, { base: timed(400), ours: timed(200) });
    expect(targets.map(({ measured }) => measured.median)).toEqual([2, 1]);
  });

  it('pairs ratios by round, so that what slows a whole round down hits both', () => {
    const benchmark = {
      title: '',
      unit: 'x',
      baseline: 'base',
      variants: { base: file, ours: file },
      targets: [],
    };
    const { rows } = evaluate(benchmark, { base: runs(100, 300, 200), ours: runs(110, 330, 220) });
    const ratio = rows[1]?.ratio;
    expect([ratio?.low, ratio?.median, ratio?.high].map((value) => value?.toFixed(6))).toEqual([
      '1.100000',
      '1.100000',
      '1.100000',
    ]);
  });
});

describe('the report', () => {
  const benchmark = {
    title: 'Jobs',
    unit: 'job',
    baseline: 'bare',
    variants: { bare: file, 'bare 5': file, 'peer 5': file },
    baselines: { 'peer 5': 'bare 5' },
    targets: [{ variant: 'peer 5', against: 'bare 5', atMost: 2 }],
  };
  const result = evaluate(benchmark, { bare: runs(100), 'bare 5': runs(200), 'peer 5': runs(300) });

  it('compares a variant with the baseline of its own, and names it', () => {
    expect(formatReport(benchmark, result, 21)).toMatch(/peer 5 .* 1\.50 \[1\.50–1\.50]× of bare 5/);
  });

  it('tells units per second, and how many times as fast, where time on the wall is compared', () => {
    const timed = { ...benchmark, measure: /** @type {const} */ ('wall') };
    const told = formatReport(
      timed,
      evaluate(timed, { bare: runs(100), 'bare 5': runs(200), 'peer 5': runs(50) }),
      21,
    );
    expect(told).toMatch(/peer 5 +20000 jobs\/s +CPU 50\.0 µs +4\.00 \[4\.00–4\.00]× the speed of bare 5/);
  });

  it('says under which load, and what a reader must know besides', () => {
    const noted = { ...benchmark, notes: ['On one server.'] };
    const told = formatReport(noted, result, 21, '0.5 to 1.9');
    expect(told).toContain(', load 0.5 to 1.9,');
    expect(told).toContain('  On one server.');
  });

  it('says that fewer than 21 rounds are a first look', () => {
    expect(formatReport(benchmark, result, 20)).toContain('A first look');
    expect(formatReport(benchmark, result, 21)).not.toContain('A first look');
  });
});
