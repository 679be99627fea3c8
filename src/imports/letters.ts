/** From a row of somebody's table to a registration, or the reason why not. Pure. */
import he from 'he';
import type { Value } from './table.ts';

export const letterFields = [
  'sourceId',
  'sender',
  'title',
  'receivedAt',
  'text',
  'category',
  'phone',
  'region',
  'external',
] as const;
export type LetterField = (typeof letterFields)[number];
export const requiredFields: readonly LetterField[] = ['sourceId', 'text'];
/** Which column holds which field, by header. */
export type Mapping = Partial<Record<LetterField, string>>;

const synonyms: Record<LetterField, readonly string[]> = {
  sourceId: ['留言编号', '信件编号', '工单编号', '来信编号', '编号', '序号', 'id', 'letter id', 'no'],
  sender: ['留言用户', '写信人', '来信人', '姓名', '反映人', '诉求人', '用户', 'sender', 'name'],
  title: ['留言主题', '主题', '标题', '信件标题', '诉求标题', 'title', 'subject'],
  receivedAt: ['留言时间', '来信时间', '受理时间', '收到时间', '登记时间', '日期', '时间', 'received', 'date'],
  text: ['留言详情', '详情', '内容', '正文', '诉求内容', '信件内容', '反映内容', 'text', 'content', 'body'],
  category: ['三级标签', '三级分类', '二级标签', '二级分类', '一级标签', '一级分类', '类别', '分类', 'category'],
  phone: ['联系电话', '电话', '手机', '手机号', 'phone'],
  region: ['区划代码', '区划', '村社区', '属地', 'region'],
  external: ['热线单号', '国家信访编号', '外部编号', 'external'],
};

const plain = (header: string) => header.normalize('NFKC').trim().toLowerCase();

/** Guesses the mapping from headers; whole names before parts of names. */
export function guessMapping(headers: readonly string[]): Mapping {
  const mapping: Mapping = {};
  const used = new Set<string>();
  for (const exact of [true, false])
    for (const field of letterFields) {
      if (mapping[field]) continue;
      for (const word of synonyms[field]) {
        const found = headers.find(
          header =>
            header &&
            !used.has(header) &&
            (exact ? plain(header) === word : word.length > 1 && plain(header).includes(word)),
        );
        if (!found) continue;
        mapping[field] = found;
        used.add(found);
        break;
      }
    }
  return mapping;
}

export type Letter = {
  sourceId: string;
  sender: string | null;
  title: string | null;
  receivedAt: number | null;
  text: string;
  category: string | null;
  phone: string | null;
  region: string | null;
  external: string | null;
};
export const reasons = {
  no_id: '没有来源编号',
  no_text: '没有正文（去除网页代码后为空）',
  bad_date: '时间不存在或看不懂',
  future_date: '时间在将来',
  old_date: '时间早于 1990 年',
  two_texts: '同一来源编号有两种内容，请核对是哪一件',
  unknown_region: '找不到该区划',
  too_long: '正文超过 20000 字',
} as const;
export type Reason = keyof typeof reasons;

/** Web remains out, entities decoded, blank lines folded; the words themselves are left as they were written. */
export function cleanText(raw: string): string {
  const text = /<[a-z!/][^>]*>|&[a-z#0-9]+;/i.test(raw)
    ? he.decode(
        raw
          .replace(/<(script|style)[\s\S]*?<\/\1>/gi, '')
          .replace(/<(br|\/p|\/div|\/li|\/tr)[^>]*>/gi, '\n')
          .replace(/<[a-z!/][^>]*>/gi, ''),
      )
    : raw;
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufeff\u200b-\u200d]/g, '')
    .replace(/[\t\u00a0\u3000 ]+/g, ' ')
    .replace(/\r\n?/g, '\n')
    .replace(/ *\n[ \n]*/g, '\n')
    .trim();
}

const DAY = 86_400_000;
const OFFSET = 8 * 3_600_000;

/** A moment from a date, an Excel serial number, or text in the forms offices write; undefined when there is no such day. */
export function momentOf(value: Value): number | undefined {
  if (value === null) return undefined;
  // Spreadsheets have no time zone: what they show is China's time.
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.getTime() - OFFSET;
  if (typeof value === 'number')
    return value > 20_000 && value < 80_000 ? Math.round((value - 25569) * DAY) - OFFSET : undefined;
  const text = value.normalize('NFKC').trim();
  if (/^\d{5}(\.\d+)?$/.test(text)) return momentOf(Number(text));
  const match =
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})秒?)?(?:\.\d+)?)?$/.exec(
      text,
    ) ?? /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/.exec(text);
  if (!match) return undefined;
  const [y, mo, d, h, mi, s] = match.slice(1).map(part => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const at = Date.UTC(y, mo - 1, d, h, mi, s);
  const back = new Date(at);
  if (back.getUTCMonth() !== mo - 1 || back.getUTCDate() !== d || h > 23 || mi > 59 || s > 59) return undefined;
  return at - OFFSET;
}

const textOf = (value: Value): string | null => {
  if (value === null) return null;
  if (value instanceof Date) return new Date(value).toISOString();
  return String(value).trim() || null;
};

/** Reads a row by its mapping. `at(field)` gives the cell. */
export function letterOf(at: (field: LetterField) => Value, now: number): Letter | Reason {
  const sourceId = textOf(at('sourceId'))?.normalize('NFKC').replace(/\.0$/, '') ?? null;
  if (!sourceId) return 'no_id';
  const title = cleanText(textOf(at('title')) ?? '') || null;
  const text = cleanText(textOf(at('text')) ?? '');
  if (!text) return 'no_text';
  if (text.length > 20_000) return 'too_long';
  const stated = at('receivedAt');
  const receivedAt = momentOf(stated);
  if (textOf(stated) !== null && receivedAt === undefined) return 'bad_date';
  if (receivedAt !== undefined && receivedAt > now + DAY) return 'future_date';
  if (receivedAt !== undefined && receivedAt < Date.UTC(1990, 0, 1)) return 'old_date';
  const optional = (field: LetterField) => textOf(at(field))?.normalize('NFKC') ?? null;
  return {
    sourceId,
    sender: textOf(at('sender')),
    title: title ? [...title].slice(0, 200).join('') : null,
    receivedAt: receivedAt ?? null,
    text,
    category: optional('category'),
    phone: optional('phone'),
    region: optional('region'),
    external: optional('external'),
  };
}
