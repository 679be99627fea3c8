/** Printing from .docx templates that a county edits in Word: its own in `<data>/templates` go before the built-in ones. */
import fs from 'node:fs';
import path from 'node:path';
import Docxtemplater from 'docxtemplater';
import PizZip from 'pizzip';
import type { House } from '../house.ts';
import { kinds } from '../kinds/kinds.ts';
import { dateOf, explain, minuteOf } from '../matters/clocks.ts';
import type { MatterPage } from '../matters/reading.ts';
import { actionNames, stateNames } from '../matters/words.ts';

export const templates = ['acceptance', 'reply', 'sheet'] as const;
export type Template = (typeof templates)[number];

const builtIn = path.join(import.meta.dirname, '..', '..', 'templates');

const chineseDate = (at: number) => {
  const [y, m, d] = dateOf(at).split('-').map(Number);
  return `${y}年${m}月${d}日`;
};

/** Everything a template may say; unknown names come out empty. */
export function templateData(
  house: House,
  page: MatterPage,
  words: { title: string; text: string; receipt: string },
  applicant: { name?: string; phone?: string } | undefined,
): Record<string, unknown> {
  const { matter } = page;
  const directory = house.keeper.current;
  const unit = (id: string | null) => (id ? (directory.units.get(id)?.name ?? '') : '');
  const answer = page.timeline.findLast(entry => entry.type === 'answer');
  const decline = page.timeline.findLast(entry => entry.type === 'decline');
  return {
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
): Promise<Buffer> {
  const own = path.join(house.data, 'templates', `${template}.docx`);
  const file = fs.existsSync(own) ? own : path.join(builtIn, `${template}.docx`);
  const doc = new Docxtemplater(new PizZip(fs.readFileSync(file)), {
    paragraphLoop: true,
    linebreaks: true,
    nullGetter: () => '',
  });
  doc.render(templateData(house, page, words, applicant));
  return doc.toBuffer();
}
