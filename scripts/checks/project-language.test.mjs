import { describe, expect, it } from 'vitest';
import { foreignWordsIn } from './project-language.mjs';

describe('project language', () => {
  it.each([
    ['/home/someone/project'],
    ['see C:\\Users\\someone'],
    ['http://192.168.0.7/registry'],
    ['https://registry.corp/npm'],
    ['// TODO later'],
    ['Co-authored-by: someone'],
  ])('refuses %s', (line) => {
    expect(foreignWordsIn('page.md', `first\n${line}`)).toEqual([expect.stringMatching(/^page\.md:2 /)]);
  });

  it.each([
    ['./home/page'],
    ['https://example.com/home/page'],
    ['http://127.0.0.1:4318'],
    ['an AI decision with its confidence'],
  ])('lets %s pass', (line) => {
    expect(foreignWordsIn('page.md', line)).toEqual([]);
  });

  it('wants no registry in the lockfile', () => {
    const lockfile = '  resolution: {integrity: sha512-x, tarball: https://npm.example.com/x.tgz}';
    expect(foreignWordsIn('pnpm-lock.yaml', lockfile)).toHaveLength(1);
  });
});
