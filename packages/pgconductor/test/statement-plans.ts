import postgres from 'postgres';

/** One node of a plan, of the many that `explain (format json)` gives. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** A connection that keeps the plans of what it runs, of the statements inside of functions too. */
export interface ExplainedConnection {
  readonly sql: postgres.Sql;
  /** The nodes that read or change the table, of every statement that `work` ran, in order. */
  nodesOn(table: string, work: () => Promise<unknown>): Promise<PlanNode[]>;
}

/**
 * Opens a connection with `auto_explain`.
 *
 * @see {@link https://www.postgresql.org/docs/current/auto-explain.html | PostgreSQL: auto_explain}
 */
export async function explainedConnection(url: string): Promise<ExplainedConnection> {
  let plans: PlanNode[] = [];
  const onnotice = ({ message = '' }: postgres.Notice): void => {
    const start = message.indexOf('plan:\n');
    if (start >= 0) plans.push(JSON.parse(message.slice(start + 6)).Plan);
  };
  const sql = postgres(url, { max: 1, onnotice });
  await sql.unsafe(`
    load 'auto_explain';
    set auto_explain.log_min_duration = 0;
    set auto_explain.log_nested_statements = on;
    set auto_explain.log_format = json;
    set client_min_messages = log;`);
  return {
    sql,
    async nodesOn(table, work) {
      plans = [];
      await work();
      return plans.flatMap(flatten).filter((node) => node['Relation Name'] === table);
    },
  };
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}
