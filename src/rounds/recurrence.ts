/** When a plan recurs: RFC 5545 rules by a standard library, in the county's own time. */
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import 'temporal-polyfill/global';

const zone = 'Asia/Shanghai';

/** Whether a rule can be read, e.g. `FREQ=WEEKLY;BYDAY=MO;BYHOUR=8`. */
export function isRule(rule: string): boolean {
  try {
    return occurrences(rule, '2026-01-01', 0, Date.parse('2026-01-02'), 1).length >= 0;
  } catch {
    return false;
  }
}

/** The beginnings of a rule after `from` (exclusive) and until `to` (inclusive), as epoch milliseconds; at most `limit`. */
export function occurrences(rule: string, starts: string, from: number, to: number, limit = 1000): number[] {
  const begins = Temporal.ZonedDateTime.from(`${starts}T00:00:00[${zone}]`);
  const recurrence = new RRuleTemporal({ rruleString: rule, dtstart: begins });
  const after = Math.max(from, begins.epochMilliseconds - 1);
  if (after >= to) return [];
  return recurrence
    .between(new Date(after + 1), new Date(to), true)
    .slice(0, limit)
    .map(moment => moment.epochMilliseconds)
    .filter(moment => moment > from && moment <= to);
}
