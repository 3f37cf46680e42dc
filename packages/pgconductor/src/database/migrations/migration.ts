/** One numbered change of the schema. What has been released never changes; a later one corrects it. */
export interface Migration {
  /** `0001-executions`: the number orders, the words tell. */
  readonly name: string;
  /**
   * Whether workers of the version before cannot go on beside it. They are asked to leave, and it waits for them.
   *
   * @default false
   */
  readonly isBreaking?: boolean | undefined;
  /**
   * The SQL. Runs with the schema as its search path, so it names tables and functions without.
   *
   * @param schema quoted, for the `set search_path` of functions
   */
  readonly sql: (schema: string) => string;
}
