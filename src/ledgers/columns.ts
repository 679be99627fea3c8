/** Columns of the ledger of matters, as headed on the screen and in the spreadsheet. Pure. */
export const ledgerColumns = [
  'number',
  'kind',
  'state',
  'summary',
  'category',
  'place',
  'unit',
  'handler',
  'received_at',
  'due_at',
  'lapses',
  'rating',
] as const;
export type FixedColumn = (typeof ledgerColumns)[number];
/** One of the columns above, or one of the county's own fields. */
export type LedgerColumn = FixedColumn | `own.${string}`;
export const isOwn = (column: LedgerColumn): column is `own.${string}` => column.startsWith('own.');

export const columnNames: Record<FixedColumn, { zh: string; en: string; width: number }> = {
  number: { zh: '事项编号', en: 'Number', width: 22 },
  kind: { zh: '类型', en: 'Kind', width: 10 },
  state: { zh: '状态', en: 'State', width: 12 },
  summary: { zh: '标题', en: 'Title', width: 44 },
  category: { zh: '类别', en: 'Category', width: 18 },
  place: { zh: '所在地', en: 'Place', width: 26 },
  unit: { zh: '责任单位', en: 'Accountable unit', width: 26 },
  handler: { zh: '承办单位', en: 'Handler', width: 26 },
  received_at: { zh: '收到时间', en: 'Received', width: 17 },
  due_at: { zh: '时限', en: 'Deadline', width: 17 },
  lapses: { zh: '催办次数', en: 'Reminders', width: 10 },
  rating: { zh: '评价', en: 'Rating', width: 8 },
};
