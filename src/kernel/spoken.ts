/** Codes that are read out and typed in by people: 32 letters and digits, five bits each, none easily taken for another. */

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** A random code of so many letters. */
export const spokenCode = (length: number): string =>
  [...crypto.getRandomValues(new Uint8Array(length))].map(byte => letters[byte % 32]).join('');

/** What was meant by what was typed: full-width or small letters, with spaces or dashes. */
export const meantCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z2-9]/g, '');
