import type { Account, AccountLine } from './account.ts';
import type { SituationGroup } from './situation.ts';

/** The majors of BullMQ that the page tells of. */
export const majors = ['5', '6'] as const;
type Major = (typeof majors)[number];

/** What each major told, by situation. */
export type Accounts = Readonly<Record<Major, ReadonlyMap<string, Account>>>;

const head = `# What BullMQ does, and what you see of it

Each row is a situation that was really played: drop-in \`Queue\`, \`Worker\` and \`FlowProducer\` of \`@throughline/bullmq\` on a
Redis, with spans and stored events in one. The page is written by these runs (\`pnpm behaviour:update\`), on BullMQ 5 and on
BullMQ 6, and \`npm test\` fails when a run gives something else. Where the majors differ there is a row for each.

* **Spans** stand below their parents. \`send …\` is of kind PRODUCER, \`process …\` of kind CONSUMER, any other INTERNAL. With
  more than one trace, ① ② ③ mark where each begins. *start 2* is the second time the job was started
  (\`throughline.attempt\`). *retry_of → …* is a link with that relation.
* **Outcome** is what became of it: [the table of outcomes](../guides/bullmq.md#what-you-see). Beside it stand the class of the
  error, which is the very object that was thrown, and \`throughline.reason\`.
* **Stored events** are what a trace store holds of that span, in order, each with its status.
`;
const columns = '| situation | spans | outcome | stored events |\n|---|---|---|---|';

/** The page that tells these accounts. */
export function pageOf(groups: readonly SituationGroup[], accounts: Accounts): string {
  const tables = groups.map(({ heading, plays }) =>
    [`\n## ${heading}\n`, columns, ...Object.keys(plays).flatMap((name) => rowsOf(name, accounts))].join(
      '\n',
    ),
  );
  return `${[head.trimEnd(), ...tables].join('\n')}\n`;
}

/** The accounts that a page tells: the way back of {@link pageOf}. */
export function accountsOn(page: string): Accounts {
  const accounts = { '5': new Map<string, Account>(), '6': new Map<string, Account>() };
  for (const line of page.split('\n')) {
    const [, first = '', spans = '', outcomes = '', stored = ''] =
      line.split(' | ').length === 4 ? cells(line) : [];
    const [, name, only] = /^(.+?)(?: \*\(BullMQ ([56])\)\*)?$/.exec(first) ?? [];
    if (name === undefined || name === 'situation') continue;
    const account = linesOf(spans, outcomes, stored);
    for (const major of majors) if (only === undefined || only === major) accounts[major].set(name, account);
  }
  return accounts;
}

function rowsOf(name: string, accounts: Accounts): string[] {
  const [five, six] = majors.map((major) => accounts[major].get(name));
  const told = majors.flatMap((major) => {
    const account = accounts[major].get(name);
    return account ? [{ major, cells: cellsOf(account) }] : [];
  });
  if (five && six && cellsOf(five) === cellsOf(six)) return [`| ${name} | ${cellsOf(six)} |`];
  return told.map(({ major, cells }) => `| ${name} *(BullMQ ${major})* | ${cells} |`);
}

function cellsOf(account: Account): string {
  const column = (field: keyof AccountLine): string => account.map((line) => line[field]).join('<br>');
  return [column('span'), column('outcome'), column('stored')].join(' | ');
}

function cells(row: string): string[] {
  return ['', ...row.slice('| '.length, -' |'.length).split(' | ')];
}

function linesOf(spans: string, outcomes: string, stored: string): Account {
  const [outcomeLines, storedLines] = [outcomes.split('<br>'), stored.split('<br>')];
  return spans
    .split('<br>')
    .map((span, index) => ({ span, outcome: outcomeLines[index] ?? '', stored: storedLines[index] ?? '' }));
}
