/** Answers told again for a moment: for what may be some seconds old and is asked by many at once. */
export class Brief<T> {
  readonly #ms: number;
  readonly #told = new Map<string, { at: number; answer: Promise<T> }>();
  constructor(ms: number) {
    this.#ms = ms;
  }
  get(key: string, make: () => Promise<T>): Promise<T> {
    const now = performance.now();
    const last = this.#told.get(key);
    if (last && now - last.at < this.#ms) return last.answer;
    if (this.#told.size > 2000) this.#told.clear();
    const answer = make();
    this.#told.set(key, { at: now, answer });
    answer.catch(() => this.#told.delete(key));
    return answer;
  }
}
