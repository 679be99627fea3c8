/** Printing from .docx templates that a county edits in Word: its own in `<data>/templates` go before the built-in ones. */
import fs from 'node:fs';
import path from 'node:path';
import Docxtemplater from 'docxtemplater';
import PizZip from 'pizzip';
import type { House } from '../house.ts';
import type { ChainStep, PaperKind } from '../kinds/kind.ts';
import { kinds } from '../kinds/kinds.ts';
import { dateOf, explain, minuteOf } from '../matters/clocks.ts';
import type { Template } from '../matters/contract.ts';
import type { MatterPage } from '../matters/reading.ts';
import { actionNames, stateNames } from '../matters/words.ts';

const builtIn = path.join(import.meta.dirname, '..', '..', 'templates');

const chineseDate = (at: number) => {
  const [y, m, d] = dateOf(at).split('-').map(Number);
  return `${y}年${m}月${d}日`;
};

const paperNames: Record<PaperKind, string> = {
  opinion: '处理意见书',
  'not-accepted': '不予受理告知书',
  extended: '延长办理期限告知书',
  supplement: '补正材料通知书',
  transferred: '转送告知书',
};
const stepNames: Record<ChainStep, string> = { instruct: '批示', review: '审核', sign: '签发', seal: '盖章' };
const ways: Record<string, string> = {
  hand: '直接送达',
  post: '邮寄送达',
  left: '留置送达',
  message: '短信送达',
  announced: '公告送达',
};

/** What templates say of one paper: its text, number, hands it went through, and how it was served. */
function paperData(house: House, page: MatterPage, n: number | undefined): Record<string, unknown> {
  const paper = page.matter.papers.find(one => one.n === n);
  if (!paper) return {};
  const { units } = house.keeper.current;
  const draft = page.timeline.filter(entry => entry.type === 'draft')[paper.n - 1];
  const passed = page.timeline.filter(entry => ['pass', 'reject'].includes(entry.type) && entry.data.paper === paper.n);
  const above = units.get(units.get(paper.unit)?.above ?? '');
  return {
    docNumber: paper.number ?? '',
    // What has not gone through its hands says so on its face.
    unsigned: paper.state === 'out' ? '' : '（未签发稿，不得外送）',
    paperKind: paperNames[paper.paper],
    paperText: String(draft?.words?.text ?? ''),
    paperUnit: units.get(paper.unit)?.name ?? '',
    paperAuthor: draft?.actorName ?? '',
    paperDate: chineseDate(passed.at(-1)?.at ?? paper.at),
    reviewBody: above?.name ?? '上一级机关',
    servedWay: paper.served ? (ways[paper.served.way] ?? '') : '',
    servedAt: paper.served ? minuteOf(paper.served.at) : '',
    chain: passed.map(entry => ({
      step: entry.type === 'reject' ? '退回' : stepNames[entry.data.step as ChainStep],
      who: entry.actorName ?? '',
      at: minuteOf(entry.at),
      text: String(entry.words?.text ?? ''),
    })),
  };
}

/** Everything a template may say; unknown names come out empty. */
export function templateData(
  house: House,
  page: MatterPage,
  words: { title: string; text: string; receipt: string },
  applicant: { name?: string; phone?: string } | undefined,
  paper?: number,
): Record<string, unknown> {
  const { matter } = page;
  const directory = house.keeper.current;
  const unit = (id: string | null) => (id ? (directory.units.get(id)?.name ?? '') : '');
  const answer = page.timeline.findLast(entry => entry.type === 'answer');
  const decline = page.timeline.findLast(entry => entry.type === 'decline');
  return {
    ...paperData(house, page, paper),
    number: matter.number,
    receipt: words.receipt.replace(/(\d{4})(?=\d)/g, '$1 '),
    kind: kinds[matter.kind].label.zh,
    title: words.title,
    text: words.text,
    applicant: applicant?.name || matter.parties.find(p => p.role === 'applicant')?.name || '匿名',
    phone: applicant?.phone ?? '',
    place: directory.nameOf(matter.path),
    received: chineseDate(matter.receivedAt),
    registered: chineseDate(matter.registeredAt),
    accepted: matter.acceptedAt ? chineseDate(matter.acceptedAt) : '',
    today: chineseDate(house.clock()),
    centre: unit(matter.centre),
    unit: unit(matter.unit),
    handler: unit(matter.handler),
    state: stateNames.zh[matter.state],
    deadline: matter.due ? explain(matter.due) : '',
    answer: String(answer?.words?.text ?? ''),
    answered: answer ? chineseDate(answer.at) : '',
    declined: String(decline?.words?.text ?? ''),
    steps: page.timeline.map(entry => ({
      at: minuteOf(entry.at),
      step: actionNames.zh[entry.type as keyof typeof actionNames.zh] ?? entry.type,
      unit: unit(entry.unit),
      who: entry.actorName ?? '系统',
      text: String(entry.words?.text ?? ''),
    })),
  };
}

export async function fillTemplate(
  house: House,
  template: Template,
  page: MatterPage,
  words: { title: string; text: string; receipt: string },
  applicant: { name?: string; phone?: string } | undefined,
  paper?: number,
): Promise<Buffer> {
  return fillDocx(house, template, templateData(house, page, words, applicant, paper));
}

/** Fills a template: the county's own where there is one, else the built-in one. Unknown names come out empty. */
export function fillDocx(house: House, template: string, data: Record<string, unknown>): Buffer {
  const own = path.join(house.data, 'templates', `${template}.docx`);
  const file = fs.existsSync(own) ? own : path.join(builtIn, `${template}.docx`);
  const doc = new Docxtemplater(new PizZip(fs.readFileSync(file)), {
    paragraphLoop: true,
    linebreaks: true,
    nullGetter: () => '',
  });
  doc.render(data);
  return doc.toBuffer();
}
