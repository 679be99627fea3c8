/** What the law asks of an agreement, held against random ones: in force, money, choice and recusal, a court's thirty days. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commonRates, commonStars, dueOf, hintsOf, starsOf } from '../mediation/register.ts';
import { calendarOf } from '../regions/directory.ts';
import {
  barredNames,
  type Clause,
  confirmBy,
  inForceAt,
  missingOf,
  notConfirmable,
  owedOf,
  type Signature,
  sumOf,
  wrongMoney,
  yuan,
} from './agreement.ts';
import { dateOf } from './clocks.ts';

const calendar = calendarOf([]);
const uid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const sides = [uid(1), uid(2), uid(3)];
const at = (text: string) => Date.parse(`${text}+08:00`);

const signature = fc.oneof(
  fc.record({
    signer: fc.record({ as: fc.constant('side' as const), party: fc.constantFrom(...sides, uid(9)) }),
    at: fc.nat(1e6),
  }),
  fc.record({
    signer: fc.record({ as: fc.constant('mediator' as const), mediator: fc.constantFrom(uid(21), uid(22)) }),
    at: fc.nat(1e6),
  }),
  fc.record({ signer: fc.record({ as: fc.constant('seal' as const) }), at: fc.nat(1e6) }),
);
const signatures = fc
  .array(signature, { maxLength: 9 })
  .map(list => list.map((one): Signature => ({ ...one, way: 'paper', file: null })));

describe('in force', () => {
  test('exactly when every side, a mediator and (if written) the seal have signed; from the last date the law counts', () => {
    fc.assert(
      fc.property(fc.constantFrom('written' as const, 'oral' as const), signatures, (form, list) => {
        const has = (as: string) => list.some(one => one.signer.as === as);
        const all = sides.every(party => list.some(one => one.signer.as === 'side' && one.signer.party === party));
        const due = all && has('mediator') && (form === 'oral' || has('seal'));
        const effect = inForceAt({ form, signatures: list }, sides);
        expect(effect !== null).toBe(due);
        expect(missingOf({ form, signatures: list }, sides).length === 0).toBe(due);
        if (effect !== null && form === 'written') expect(list.every(one => one.at <= effect)).toBe(true);
        if (effect !== null && form === 'oral')
          expect(effect).toBe(Math.max(...list.filter(one => one.signer.as === 'side').map(one => one.at)));
      }),
    );
  });
  test('one signature more never takes force away, one side more always does', () => {
    fc.assert(
      fc.property(signatures, signature, (list, more) => {
        const given = { form: 'written' as const, signatures: list };
        if (inForceAt(given, sides) === null) return;
        expect(
          inForceAt({ ...given, signatures: [...list, { ...more, way: 'paper', file: null }] }, sides),
        ).not.toBeNull();
        expect(inForceAt(given, [...sides, uid(7)])).toBeNull();
      }),
    );
  });
});

const clause = fc
  .tuple(
    fc.shuffledSubarray(sides, { minLength: 2, maxLength: 2 }),
    fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 12 }),
  )
  .map(
    ([[from, to], parts]): Clause => ({
      kind: 'pay',
      from: from!,
      to: to!,
      fen: parts.reduce((a, b) => a + b, 0),
      instalments: parts.map((fen, i) => ({ due: `2026-${String(i + 1).padStart(2, '0')}-15`, fen })),
    }),
  );

describe('money', () => {
  test('what adds up stands; one fen more or less, anywhere, does not', () => {
    fc.assert(
      fc.property(
        fc.array(clause, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.constantFrom(-1, 1),
        (clauses, pick, off) => {
          expect(wrongMoney(clauses, sides)).toBeUndefined();
          expect(sumOf(clauses)).toBe(clauses.reduce((sum, one) => sum + (one.kind === 'pay' ? one.fen : 0), 0));
          const i = pick % clauses.length;
          const wrong = clauses.map((one, n) => (n === i && one.kind === 'pay' ? { ...one, fen: one.fen + off } : one));
          expect(wrongMoney(wrong, sides)).toMatchObject({ code: 'money_mismatch', details: { clause: i + 1 } });
        },
      ),
    );
  });
  test('payments lower what is owed by exactly what was paid, of that instalment alone', () => {
    fc.assert(
      fc.property(
        clause,
        fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 1000 })), { maxLength: 20 }),
        (one, given) => {
          const agreement = {
            form: 'written' as const,
            version: 1,
            hash: '',
            clauses: [one],
            signatures: [],
            inForceAt: 1,
            paperAt: null,
          };
          const payments = given.map(([instalment, fen]) => ({ clause: 0, instalment, fen, at: 1 }));
          if (one.kind !== 'pay') return;
          const owed = one.instalments.map((_, i) => owedOf(agreement, payments, 0, i));
          const counted = payments
            .filter(p => p.instalment < one.instalments.length)
            .reduce((sum, p) => sum + p.fen, 0);
          expect(owed.reduce((a, b) => a + b, 0)).toBe(one.fen - counted);
        },
      ),
    );
  });
  test('yuan are exact to the fen', () => {
    expect([0, 5, 10, 100, 123456, 1e13].map(yuan)).toEqual([
      '0.00',
      '0.05',
      '0.10',
      '1.00',
      '1234.56',
      '100000000000.00',
    ]);
  });
});

describe('confirmation', () => {
  test('thirty days from the day of effect; in force 2 September, a holiday on the last day: until 8 October', () => {
    expect(dateOf(confirmBy(at('2026-09-02T10:00'), calendar).at)).toBe('2026-10-08');
    const effect = { inForceAt: at('2026-09-02T10:00') };
    expect(notConfirmable(effect, true, [], at('2026-10-08T17:00'), calendar)).toEqual([]);
    expect(notConfirmable(effect, true, [], at('2026-10-08T19:00'), calendar)).toHaveLength(1);
  });
  test('every ground against it is told with its article, and nothing else stands in the way', () => {
    fc.assert(
      fc.property(fc.subarray(barredNames), fc.boolean(), (bars, together) => {
        const why = notConfirmable(
          { inForceAt: at('2026-03-09T10:00') },
          together,
          bars,
          at('2026-03-10T10:00'),
          calendar,
        );
        expect(why).toHaveLength(bars.length + (together ? 0 : 1));
        expect(why.every(text => text.includes('条'))).toBe(true);
      }),
    );
  });
});

describe('the register', () => {
  test('hints follow the law; a studio is one mediator’s own', () => {
    const member = (head: boolean, woman: boolean) => ({ head, woman, certificateUntil: null });
    expect(
      hintsOf('village', null, [member(true, true), member(false, false), member(false, false)], '2026-03-09'),
    ).toEqual([]);
    expect(hintsOf('village', '2026-03-08', [member(false, false)], '2026-03-09')).toEqual([
      'too-few',
      'no-head',
      'no-woman',
      'term-over',
    ]);
    expect(hintsOf('studio', null, [member(true, false)], '2026-03-09')).toEqual([]);
  });
  test('more of anything good never takes a star away', () => {
    const fact = fc.record({
      members: fc.nat(12),
      mediated: fc.nat(60),
      agreedPercent: fc.nat(100),
      filedPercent: fc.nat(100),
      hints: fc.nat(3),
    });
    fc.assert(
      fc.property(
        fact,
        fc.constantFrom('members', 'mediated', 'agreedPercent', 'filedPercent'),
        fc.nat(20),
        (facts, key, more) => {
          const before = starsOf(commonStars, facts).stars;
          expect(
            starsOf(commonStars, { ...facts, [key]: facts[key as keyof typeof facts] + more }).stars,
          ).toBeGreaterThanOrEqual(before);
        },
      ),
    );
  });
  test('a case is shared to the fen; civil servants get nothing; what ended without agreement is not paid like success', () => {
    const mediator = fc.record({ id: fc.uuid(), civilServant: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(mediator, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('agreed' as const, 'failed' as const, 'refused' as const),
        fc.boolean(),
        (mediators, outcome, confirmed) => {
          const lines = dueOf(
            { ...commonRates, payCivilServants: true },
            { outcome, form: 'written', grade: 'large', confirmed, mediators },
          );
          const total = outcome === 'agreed' ? 20_000 + 10_000 + (confirmed ? 5_000 : 0) : 0;
          expect(lines.reduce((sum, line) => sum + line.fen, 0)).toBe(total);
          const strict = dueOf(commonRates, { outcome, form: 'written', grade: 'large', confirmed, mediators });
          expect(
            strict.every((line, i) => (mediators[i]!.civilServant ? line.fen === 0 : line.fen === lines[i]!.fen)),
          ).toBe(true);
        },
      ),
    );
  });
});
