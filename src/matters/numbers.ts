/** Numbers that are read out on the telephone: digits with a check character by GB/T 17710 (ISO 7064, MOD 11,10). */

export function checkDigit(digits: string): string {
  let rest = 10;
  for (const digit of digits) {
    rest = (rest + Number(digit)) % 10 || 10;
    rest = (rest * 2) % 11;
  }
  return String((11 - rest) % 10);
}

export const checks = (digits: string): boolean =>
  /^\d{2,}$/.test(digits) && checkDigit(digits.slice(0, -1)) === digits.at(-1);

/** `411081-26-0001234-5`: county key, year, serial, check. Unique because it contains its county. */
export function matterNumber(county: string, year: number, serial: number): string {
  const yy = String(year % 100).padStart(2, '0');
  const tail = String(serial).padStart(7, '0');
  return `${county}-${yy}-${tail}-${checkDigit(`${county}${yy}${tail}`.replace(/\D/g, ''))}`;
}

/** Digits of a number as somebody typed it; undefined when the check character says it was misheard. */
export function parseNumber(typed: string): string | undefined {
  const digits = typed.normalize('NFKC').replace(/\D/g, '');
  if (digits.length < 15 || !checks(digits)) return undefined;
  const county = digits.slice(0, 6);
  return `${county}-${digits.slice(6, 8)}-${digits.slice(8, -1)}-${digits.at(-1)}`;
}

/** Twelve digits, the last a check: 10^11 codes, guarded by a rate limit. `random` gives bytes. */
export function receiptCode(random: (n: number) => Uint8Array): string {
  let digits = '';
  while (digits.length < 11)
    for (const byte of random(16)) if (byte < 250 && digits.length < 11) digits += String(byte % 10);
  return digits + checkDigit(digits);
}

export function parseReceipt(typed: string): string | undefined {
  const digits = typed.normalize('NFKC').replace(/\D/g, '');
  return digits.length === 12 && checks(digits) ? digits : undefined;
}

/** Resident identity number, GB 11643: format, birth date and check character. */
export function identityOk(value: string): boolean {
  if (!/^\d{17}[\dX]$/.test(value)) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(value[i]), 0);
  if ('10X98765432'[sum % 11] !== value[17]) return false;
  const [y, m, d] = [value.slice(6, 10), value.slice(10, 12), value.slice(12, 14)].map(Number) as [
    number,
    number,
    number,
  ];
  const date = new Date(Date.UTC(y, m - 1, d));
  return date.getUTCFullYear() === y && date.getUTCMonth() === m - 1 && date.getUTCDate() === d;
}
