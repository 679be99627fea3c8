/** Suggestions at intake: kind, category and unit with their grounds. A machine suggests, a person confirms. Pure. */
import { type RaisedKind, raisedKinds } from '../kinds/kinds.ts';

export type Suggestion<T> = { value: T; score: number; grounds: string[] };
export type Past = { category: string | null; handler: string | null; score: number; number: string };
type Category = { code: string; name: string; words?: readonly string[] };
type Unit = { id: string; words: readonly string[]; name: string };

const kindWords: Record<RaisedKind, readonly string[]> = {
  petition: ['信访', '上访', '领导', '书记', '举报', '不作为', '征地', '补偿', '上级', '政策', '反映多次'],
  dispute: [
    '邻居',
    '打架',
    '纠纷',
    '赔偿',
    '借款',
    '欠钱',
    '彩礼',
    '离婚',
    '宅基地',
    '地界',
    '争吵',
    '调解',
    '承包地',
    '打伤',
  ],
  hazard: ['隐患', '无护栏', '没有护栏', '消防通道', '裸露', '坍塌', '漏电', '灭火器', '溺水'],
  repair: ['报修', '井盖', '摄像头', '红绿灯', '消防栓', '灯杆'],
  wish: ['心愿', '愿望', '微心愿'],
  request: ['请问', '咨询', '路灯', '停水', '停电', '噪音', '物业', '投诉', '维修', '希望', '建议', '垃圾', '公交'],
};

const hits = (text: string, words: readonly string[]) => words.filter(word => text.includes(word));
const quoted = (words: readonly string[]) => words.map(word => `“${word}”`).join('、');

/** The kinds in order of fitness; the first is what the words speak for most. */
export function suggestKinds(text: string): Suggestion<RaisedKind>[] {
  return raisedKinds
    .map(value => {
      const found = hits(text, kindWords[value]);
      return { value, score: found.length, grounds: found.length ? [`含有${quoted(found)}`] : [] };
    })
    .sort((a, b) => b.score - a.score);
}

/**
 * Categories by their words in the text, by their names' characters, and by the categories of like matters of the past.
 * A word of the table counts its length; a like matter counts its likeness.
 */
export function suggestCategories(
  text: string,
  categories: readonly Category[],
  past: readonly Past[],
  limit = 3,
): Suggestion<string>[] {
  return categories
    .map(({ code, name, words }) => {
      const found = hits(text, [
        ...(words ?? []),
        ...name.split(/[、和与及（）()]/).filter(part => [...part].length > 1),
      ]);
      const like = past.filter(matter => matter.category === code);
      const score =
        found.reduce((sum, word) => sum + [...word].length, 0) +
        like.reduce((sum, matter) => sum + 8 * matter.score, 0);
      const grounds = [
        ...(found.length ? [`含有${quoted([...new Set(found)])}`] : []),
        ...(like.length ? [`与 ${like.length} 件已有事项相似（如 ${like[0]!.number}）`] : []),
      ];
      return { value: code, score, grounds };
    })
    .filter(suggestion => suggestion.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit);
}

/** Units by the words that speak for them and by who handled like matters; never one that is a party. */
export function suggestUnits(
  text: string,
  units: readonly Unit[],
  past: readonly Past[],
  excluded: readonly string[],
  limit = 3,
): Suggestion<string>[] {
  return units
    .filter(unit => !excluded.includes(unit.id) && !(unit.name.length > 4 && text.includes(`投诉${unit.name}`)))
    .map(unit => {
      const found = hits(text, unit.words);
      const like = past.filter(matter => matter.handler === unit.id);
      const score =
        found.reduce((sum, word) => sum + [...word].length, 0) +
        like.reduce((sum, matter) => sum + 8 * matter.score, 0);
      const grounds = [
        ...(found.length ? [`含有${quoted(found)}`] : []),
        ...(like.length ? [`办过 ${like.length} 件相似事项（如 ${like[0]!.number}）`] : []),
      ];
      return { value: unit.id, score, grounds };
    })
    .filter(suggestion => suggestion.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit);
}

const dangers = {
  violence: ['拿刀', '砍', '杀', '打死', '家暴', '殴打', '持刀', '报复'],
  'self-harm': ['自杀', '跳楼', '不想活', '喝农药', '轻生'],
  child: ['虐待儿童', '打孩子', '猥亵', '拐', '儿童失踪', '孩子失踪'],
} as const;
const delicate = ['家暴', '未成年', '猥亵', '强奸', '性侵', '艾滋', '精神病', '怀孕', '虐待'];

/** Words that call for the urgent button, and words that call for need-to-know. */
export function alarms(text: string): {
  urgent: { danger: keyof typeof dangers; words: string[] }[];
  sensitive: string[];
} {
  const urgent = (Object.keys(dangers) as (keyof typeof dangers)[])
    .map(danger => ({ danger, words: hits(text, dangers[danger]) }))
    .filter(({ words }) => words.length);
  return { urgent, sensitive: hits(text, delicate) };
}
