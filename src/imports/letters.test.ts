import { expect, test } from 'vitest';
import { cleanText, guessMapping, type LetterField, letterOf, momentOf } from './letters.ts';
import { decodeText, type Value } from './table.ts';

const china = (at: number | undefined) =>
  at === undefined ? undefined : new Date(at + 8 * 3_600_000).toISOString().slice(0, 19);

test.each<[Value, string | undefined]>([
  ['2019/2/28 14:23:01', '2019-02-28T14:23:01'],
  ['2019-02-28 14:23', '2019-02-28T14:23:00'],
  ['2019年2月28日', '2019-02-28T00:00:00'],
  ['２０１９／２／２８', '2019-02-28T00:00:00'],
  ['20190228', '2019-02-28T00:00:00'],
  [43524.5, '2019-02-28T12:00:00'],
  ['43524.5', '2019-02-28T12:00:00'],
  [new Date('2019-02-28T14:23:01Z'), '2019-02-28T14:23:01'],
  ['2019/2/30 10:00', undefined],
  ['2019-13-01', undefined],
  ['2019-01-01 25:00', undefined],
  ['昨天', undefined],
  [12, undefined],
])('the moment of %s', (value, expected) => expect(china(momentOf(value))).toBe(expected));

test.each([
  ['\n\t\t\t   尊敬的领导：\t\t您好<br/>路灯坏了&nbsp;三天&amp;没人修 ', '尊敬的领导： 您好\n路灯坏了 三天&没人修'],
  ['<p>第一段</p><p>第二段</p><script>alert(1)</script>', '第一段\n第二段'],
  ['面积<90平方，价格>3000', '面积<90平方，价格>3000'],
  ['𠮷家\u200b的羊\u0000', '𠮷家的羊'],
])('clean %j', (raw, expected) => expect(cleanText(raw)).toBe(expected));

test('headers of other systems are recognised', () => {
  expect(guessMapping(['留言编号', '留言用户', '留言主题', '留言时间', '留言详情', '反对数', '点赞数'])).toEqual({
    sourceId: '留言编号',
    sender: '留言用户',
    title: '留言主题',
    receivedAt: '留言时间',
    text: '留言详情',
  });
  expect(guessMapping(['点赞', '工单编号', '诉求内容', '来信时间', '姓名', '手机号'])).toMatchObject({
    sourceId: '工单编号',
    text: '诉求内容',
    receivedAt: '来信时间',
    sender: '姓名',
    phone: '手机号',
  });
});

const now = Date.parse('2026-03-09T00:00:00Z');
const letter = (row: Partial<Record<LetterField, Value>>) => letterOf(field => row[field] ?? null, now);
test.each([
  [{ text: '有字' }, 'no_id'],
  [{ sourceId: 1, text: ' <br> ' }, 'no_text'],
  [{ sourceId: 1, text: '有字', receivedAt: '2019/2/30' }, 'bad_date'],
  [{ sourceId: 1, text: '有字', receivedAt: '2030-01-01' }, 'future_date'],
  [{ sourceId: 1, text: '有字', receivedAt: '1980-01-01' }, 'old_date'],
  [{ sourceId: 1, text: '长'.repeat(20001) }, 'too_long'],
])('a row is refused with its reason: %j → %s', (row, reason) => expect(letter(row)).toBe(reason));

test('a row with full-width digits and a one-word text is good', () => {
  expect(letter({ sourceId: '１２３', text: '好', phone: '１３８００１３８０００' })).toMatchObject({
    sourceId: '123',
    text: '好',
    phone: '13800138000',
    receivedAt: null,
  });
});

test('encodings are told apart', () => {
  expect(decodeText(Buffer.from('编号,正文\n1,路灯'))).toContain('路灯');
  expect(decodeText(Buffer.from([0xb1, 0xe0, 0xba, 0xc5]))).toBe('编号');
  expect(decodeText(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('编号', 'utf16le')]))).toBe('编号');
});
