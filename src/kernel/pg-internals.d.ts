declare module 'pg/lib/utils.js' {
  /** How pg turns a value into what a parameter carries. */
  export function prepareValue(value: unknown): string | Buffer | null;
}
