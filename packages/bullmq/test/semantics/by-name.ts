/** What is known of each job, by its name. */
export class ByName<T> {
  readonly #lists = new Map<string, T[]>();

  add(name: string, item: T): void {
    const list = this.#lists.get(name);
    if (list) list.push(item);
    else this.#lists.set(name, [item]);
  }

  toJSON(): Record<string, readonly T[]> {
    return Object.fromEntries(this.#lists);
  }
}
