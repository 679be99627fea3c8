/**
 * Grading (L8): points for harm, people, money and the like give a grade that sets the clock and who must know. Of the
 * matter, never of a person. Every grade is explained line by line and may be overridden with a reason. Pure.
 */
import { z } from 'zod';

export const grades = ['special', 'major', 'large', 'general', 'simple'] as const;
export type Grade = (typeof grades)[number];

/** 五级: from 特大 to 简单. */
export const gradeNames = {
  zh: { special: '特大', major: '重大', large: '较大', general: '一般', simple: '简单' },
  en: { special: 'Very serious', major: 'Serious', large: 'Considerable', general: 'General', simple: 'Simple' },
} as const satisfies Record<string, Record<Grade, string>>;

/** A line of the points table: what is asked, and the points for each answer, highest first. */
const Item = z.object({
  code: z.string(),
  zh: z.string(),
  en: z.string(),
  /** `count`: a number reaches a band; `yes`: one band for yes. */
  bands: z.array(z.object({ from: z.number(), points: z.number().int() })).min(1),
  yes: z.boolean().default(false),
});
export const Points = z.object({
  version: z.string(),
  basis: z.string(),
  items: z.array(Item),
  /** The least points of each grade; below all it is simple. */
  from: z.object({ special: z.number(), major: z.number(), large: z.number(), general: z.number() }),
});
export type Points = z.output<typeof Points>;

export type Grading = {
  grade: Grade;
  points: number;
  version: string;
  lines: { code: string; answer: number; points: number }[];
  /** The grade the points alone gave, where somebody decided otherwise. */
  overrides?: Grade;
};

/** The grade that answers give: each line takes its highest band reached. */
export function gradeOf(table: Points, answers: Record<string, number>): Grading {
  const lines = table.items.map(item => {
    const answer = answers[item.code] ?? 0;
    const reached = item.bands.filter(band => answer >= band.from).map(band => band.points);
    return { code: item.code, answer, points: Math.max(0, ...reached) };
  });
  const points = lines.reduce((sum, line) => sum + line.points, 0);
  const grade = (['special', 'major', 'large', 'general'] as const).find(g => points >= table.from[g]) ?? 'simple';
  return { grade, points, version: table.version, lines: lines.filter(line => line.points > 0) };
}

export const atLeast = (grade: Grade | null, least: Grade) =>
  grade !== null && grades.indexOf(grade) <= grades.indexOf(least);

/** The platform's own table: a county's draft to correct, not a law's. */
export const commonPoints: Points = {
  version: '2026-1',
  basis: '平台默认评分表（县级可调整）',
  items: [
    {
      code: 'people',
      zh: '涉及人数',
      en: 'People involved',
      yes: false,
      bands: [
        { from: 5, points: 10 },
        { from: 30, points: 25 },
        { from: 100, points: 40 },
      ],
    },
    {
      code: 'amount',
      zh: '涉及金额（万元）',
      en: 'Money (10,000 yuan)',
      yes: false,
      bands: [
        { from: 5, points: 5 },
        { from: 50, points: 15 },
        { from: 500, points: 30 },
      ],
    },
    {
      code: 'months',
      zh: '持续时间（月）',
      en: 'Months it has run',
      yes: false,
      bands: [
        { from: 6, points: 5 },
        { from: 24, points: 10 },
      ],
    },
    {
      code: 'repeat',
      zh: '重复反映次数',
      en: 'Times raised before',
      yes: false,
      bands: [
        { from: 1, points: 5 },
        { from: 3, points: 15 },
      ],
    },
    { code: 'injury', zh: '已有人员伤害', en: 'Somebody was hurt', yes: true, bands: [{ from: 1, points: 25 }] },
    { code: 'minor', zh: '涉及未成年人', en: 'A minor is concerned', yes: true, bands: [{ from: 1, points: 15 }] },
    { code: 'threat', zh: '有凶器或扬言极端', en: 'A weapon or a threat', yes: true, bands: [{ from: 1, points: 40 }] },
  ],
  from: { special: 80, major: 55, large: 30, general: 5 },
};
