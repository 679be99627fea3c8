/**
 * 卷宗 (M7): the thirteen parts in their order, made from what is on record where it is, taken from files where it is not,
 * with cover, catalogue and page numbers, as one PDF.
 */
import type { Content } from 'pdfmake/interfaces';
import { fillDocx } from '../documents/documents.ts';
import { joined, layOut, line, numbered, pagesOf } from '../documents/pdf.ts';
import type { House } from '../house.ts';
import { clash, type Scope, sql } from '../kernel/db.ts';
import { Failure } from '../kernel/errors.ts';
import { Action } from '../matters/actions.ts';
import { owedOf, type Signer, sameSigner, yuan } from '../matters/agreement.ts';
import { keepFile, openFile } from '../matters/attaching.ts';
import { dateOf, minuteOf } from '../matters/clocks.ts';
import { sittingMediators } from '../matters/mediation.ts';
import type { DossierPart } from '../matters/mediation-codes.ts';
import { may } from '../matters/policy.ts';
import { append, type Doing } from '../matters/store.ts';
import { partNames, partsOf } from './dossier-parts.ts';
import { type ReadMediation, readMediation } from './store.ts';

const title = (text: string): Content =>
  line(text, { fontSize: 18, bold: true, alignment: 'center', margin: [0, 0, 0, 18] });
const table = (rows: readonly (readonly string[])[], widths: (string | number)[]): Content => ({
  table: { widths, body: rows.map(row => row.map(cell => line(cell))) as never },
  margin: [0, 6, 0, 12],
});
const day = (at: number | null) => {
  if (at === null) return '';
  const [y, m, d] = dateOf(at).split('-').map(Number);
  return `${y}年${m}月${d}日`;
};

const bases = { application: '当事人申请', own: '主动调解', referred: '移送委托' } as const;
const outcomeNames = {
  agreed: '达成协议',
  failed: '调解不成',
  refused: '一方明确拒绝',
  withdrawn: '当事人撤回',
} as const;
const kindNames: Record<string, string> = {
  inquiry: '询问',
  fact: '事实',
  position: '主张',
  question: '提问',
  proposal: '方案',
  note: '记录',
};

/** The content of a part that is made from the record. */
function contentOf(
  house: House,
  read: ReadMediation,
  part: DossierPart,
  people: Map<string, string>,
  pictures: Map<string, string>,
): Content[] {
  const { matter, words, parties, minutes, agreement, done } = read;
  const { mediation } = matter;
  const unit = (id: string) => house.keeper.current.units.get(id)?.name ?? '';
  const role = (id: string) =>
    matter.parties.find(party => party.id === id)?.role === 'applicant' ? '申请人' : '被申请人';
  const name = (id: string) => parties.get(id)?.name ?? matter.parties.find(party => party.id === id)?.name ?? '';
  const mediators = sittingMediators(mediation)
    .map(id => people.get(id) ?? '')
    .join('、');
  const sides = mediation.sides.map(side => side.party);
  const lines = (which: readonly (typeof minutes)[number][]) =>
    which.map(one =>
      line(
        `${minuteOf(one.at)}　${one.party ? `〔${role(one.party)} ${name(one.party)}〕` : ''}${kindNames[one.kind] ?? ''}：${one.text}`,
      ),
    );
  switch (part) {
    case 'application':
      return [
        title(mediation.basis === 'application' ? '人民调解申请书' : '人民调解受理登记表'),
        ...sides.map(id =>
          table(
            [
              [role(id), name(id)],
              ['身份证件号码', parties.get(id)?.identity ?? ''],
              ['联系方式', parties.get(id)?.phone ?? ''],
              ['住址', parties.get(id)?.address ?? ''],
            ],
            [90, '*'],
          ),
        ),
        line(`来源：${bases[mediation.basis]}`),
        line('纠纷简要情况：', { margin: [0, 8, 0, 0] }),
        line(words.text),
        line(`受理单位：${unit(mediation.committee)}　受理日期：${day(mediation.at)}`, { margin: [0, 16, 0, 0] }),
      ];
    case 'rights':
      return [
        title('人民调解当事人权利义务告知书'),
        line('依照《中华人民共和国人民调解法》第二十三条、第二十四条，告知如下。'),
        line(
          '权利：（一）选择或者接受人民调解员；（二）接受调解、拒绝调解或者要求终止调解；（三）要求调解公开进行或者不公开进行；（四）自主表达意愿、自愿达成调解协议。',
        ),
        line('义务：（一）如实陈述纠纷事实；（二）遵守调解现场秩序，尊重人民调解员；（三）尊重对方当事人行使权利。'),
        line('人民调解不收取任何费用。调解不成的，可以依法通过仲裁、行政、司法途径维护自己的权利。'),
        table(
          [
            ['当事人', '告知日期'],
            ...mediation.sides.map(side => [`${role(side.party)} ${name(side.party)}`, day(side.rightsAt)]),
          ],
          ['*', 120],
        ),
      ];
    case 'identities':
      return [
        title('当事人身份证明'),
        table(
          [
            ['当事人', '身份证件号码'],
            ...sides.map(id => [`${role(id)} ${name(id)}`, parties.get(id)?.identity ?? '见所附材料']),
          ],
          ['*', 200],
        ),
      ];
    case 'inquiries':
      return [title('调查（询问）笔录'), ...lines(minutes.filter(one => one.kind === 'inquiry'))];
    case 'minutes':
      return [
        title('人民调解笔录'),
        line(`调解员：${mediators}`),
        ...mediation.sittings.flatMap(sitting => [
          line(
            `第 ${sitting.n} 次　${minuteOf(sitting.at)}　${sitting.room ?? ''}　${sitting.closed ? '不公开' : '公开'}　${{ planned: '未开', held: '已开', adjourned: '休会', cancelled: '取消' }[sitting.state]}`,
            { bold: true, margin: [0, 10, 0, 2] },
          ),
          ...lines(minutes.filter(one => one.sitting === sitting.n)),
        ]),
        ...lines(minutes.filter(one => one.sitting === 0 && one.kind !== 'inquiry')),
        ...(minutes.length
          ? []
          : [line(`没有举行调解：${mediation.outcome ? outcomeNames[mediation.outcome] : ''}。`)]),
      ];
    case 'agreement': {
      const signed = mediation.agreement;
      if (mediation.outcome !== 'agreed' || !signed || !agreement)
        return [
          title('人民调解终结书'),
          line(
            `本纠纷经${unit(mediation.committee)}调解，结果：${mediation.outcome ? outcomeNames[mediation.outcome] : '未终结'}。`,
          ),
          line('依照《人民调解法》第二十六条，已告知当事人可以依法通过仲裁、行政、司法途径维护自己的权利。'),
          line(day(mediation.endedAt), { alignment: 'right' }),
        ];
      const picture = (signer: Signer) => signed.signatures.find(one => sameSigner(one.signer, signer));
      const hand = (label: string, one: ReturnType<typeof picture>): Content => ({
        columns: [
          line(`${label}${one?.way === 'oral' ? '（口头同意）' : one?.way === 'record' ? '（记录）' : ''}`, {
            width: 240,
          }),
          one?.file && pictures.has(one.file)
            ? { image: pictures.get(one.file)!, fit: [120, 40] }
            : { text: '', width: 120 },
          line(one ? day(one.at) : '', { width: 110 }),
        ],
        margin: [0, 6, 0, 0],
      });
      return [
        title(signed.form === 'oral' ? '人民调解口头协议登记表' : '人民调解协议书'),
        ...sides.map(id => line(`${role(id)}：${name(id)}`)),
        line('纠纷主要事实、争议事项：', { margin: [0, 8, 0, 0] }),
        line(agreement.text),
        line('经调解，自愿达成如下协议：', { margin: [0, 8, 0, 0] }),
        ...signed.clauses.flatMap((clause, i): Content[] => [
          line(`${i + 1}．${agreement.clauses[i] ?? ''}`),
          ...(clause.kind === 'pay'
            ? [
                table(
                  [
                    ['付款人', '收款人', '期次', '日期', '金额（元）'],
                    ...clause.instalments.map((one, n) => [
                      name(clause.from),
                      name(clause.to),
                      String(n + 1),
                      one.due,
                      yuan(one.fen),
                    ]),
                    ['合计', '', '', '', yuan(clause.fen)],
                  ],
                  ['*', '*', 36, 80, 90],
                ),
              ]
            : []),
        ]),
        ...sides.map(id => hand(`${role(id)} ${name(id)}`, picture({ as: 'side', party: id }))),
        ...sittingMediators(mediation)
          .filter(id => picture({ as: 'mediator', mediator: id }))
          .map(id => hand(`调解员 ${people.get(id) ?? ''}`, picture({ as: 'mediator', mediator: id }))),
        ...(signed.form === 'written' ? [hand(`${unit(mediation.committee)}（印）`, picture({ as: 'seal' }))] : []),
        line(`本协议自 ${day(signed.inForceAt)} 起生效。`, { margin: [0, 12, 0, 0] }),
        ...(signed.paperAt ? [line(`纸质原件存放：${signed.paperAt}`)] : []),
        line(`签署内容校验：${signed.hash}`, { fontSize: 8, color: '#555555' }),
      ];
    }
    case 'performance': {
      const signed = mediation.agreement!;
      return [
        title('人民调解协议履行情况记录'),
        table(
          [
            ['条款', '期次', '应付日期', '金额（元）', '尚欠（元）'],
            ...signed.clauses.flatMap((clause, c) =>
              clause.kind === 'pay'
                ? clause.instalments.map((one, i) => [
                    String(c + 1),
                    String(i + 1),
                    one.due,
                    yuan(one.fen),
                    yuan(owedOf(signed, mediation.payments, c, i)),
                  ])
                : [],
            ),
          ],
          [40, 40, '*', 100, 100],
        ),
        ...mediation.payments.map(one =>
          line(`${day(one.at)}　第 ${one.clause + 1} 条第 ${one.instalment + 1} 期收到 ${yuan(one.fen)} 元`),
        ),
        ...mediation.breaches.map(one =>
          line(`${day(one.at)}　第 ${one.clause + 1} 条第 ${one.instalment + 1} 期未履行`),
        ),
      ];
    }
    case 'followup':
      return [
        title('人民调解回访记录'),
        ...done
          .filter(one => one.type === 'followUp')
          .map(one => line(`${day(one.at)}　回访人：${one.by ?? ''}　${String(one.words.text ?? '')}`)),
      ];
    case 'confirmation': {
      const asked = mediation.confirmation!;
      const results = { confirmed: '准予确认', refused: '不予确认', withdrawn: '撤回申请' } as const;
      return [
        title('司法确认申请书'),
        ...sides.map(id => line(`申请人：${name(id)}　${parties.get(id)?.identity ?? ''}`)),
        line(
          `申请人之间的纠纷，经${unit(mediation.committee)}调解，于 ${day(mediation.agreement?.inForceAt ?? null)} 达成调解协议。依照《人民调解法》第三十三条、《民事诉讼法》第二百零五条，共同申请贵院确认协议有效。`,
        ),
        line(
          '申请人承诺：出于解决纠纷的目的自愿达成协议，没有恶意串通、规避法律的行为；因协议内容给他人造成损害的，愿意承担相应的民事责任和其他法律责任。',
        ),
        line(`此致　${asked.court}`),
        line(day(asked.at), { alignment: 'right' }),
        line(
          `结果：${asked.result ? results[asked.result] : '等待法院决定'}　${asked.number ?? ''}　${day(asked.decidedAt)}`,
          { margin: [0, 16, 0, 0] },
        ),
      ];
    }
    default:
      return [];
  }
}

/** The words of laid-out content, a line each; a row of a table is one line. */
function linesOf(content: unknown): string[] {
  if (Array.isArray(content)) return content.flatMap(linesOf);
  const node = content as { text?: unknown; stack?: unknown; columns?: unknown[]; table?: { body: unknown[][] } };
  if (node.table) return node.table.body.map(row => row.flatMap(linesOf).join('　'));
  if (node.columns) return [node.columns.flatMap(linesOf).join('　')];
  if (node.stack) return linesOf(node.stack);
  if (Array.isArray(node.text)) return [node.text.map(run => (run as { text: string }).text).join('')];
  return typeof node.text === 'string' && node.text ? [node.text] : [];
}

/** A part as an office edits it: the template `mediation-part.docx`, or the county's own of that name. */
export function partDocx(house: House, read: ReadMediation, part: DossierPart, people: Map<string, string>): Buffer {
  if (partsOf(read).find(one => one.part === part)?.state !== 'made' || part === 'note' || part === 'back')
    throw new Failure('not_found');
  const [head, ...lines] = linesOf(contentOf(house, read, part, people, new Map()));
  const number = read.matter.mediation.dossier?.number ?? read.matter.number;
  return fillDocx(house, 'mediation-part', { title: head ?? '', number, lines: lines.map(text => ({ text })) });
}

/** The whole dossier: `number` and `filed` are null while it is a draft, and the cover says so. */
export async function bindDossier(
  house: House,
  scope: Scope,
  read: ReadMediation,
  people: Map<string, string>,
  filed: { number: string; by: string; keepUntil: number | null } | null,
): Promise<{ bytes: Buffer; pages: number }> {
  const { matter } = read;
  const { mediation } = matter;
  const on = { county: matter.county, id: matter.id };
  const states = partsOf(read);
  const bytesOf = new Map<string, Buffer>();
  const pictures = new Map<string, string>();
  const signatures = mediation.agreement?.signatures.flatMap(one => one.file ?? []) ?? [];
  for (const id of new Set([...states.flatMap(part => part.files), ...signatures])) {
    const file = matter.files.find(one => one.id === id);
    if (!file) continue;
    const bytes = await openFile(house, scope, on, id);
    bytesOf.set(id, bytes);
    if (file.type === 'image/png' || file.type === 'image/jpeg')
      pictures.set(id, `data:${file.type};base64,${bytes.toString('base64')}`);
  }
  const body: Buffer[] = [];
  const catalogue: { name: string; from: number; to: number }[] = [];
  let next = 1;
  const names = new Map(
    read.done.filter(one => one.type === 'attach').map(one => [one.data.id, String(one.words.text ?? '')]),
  );
  const keep = filed ? (filed.keepUntil === null ? '永久' : `至 ${filed.keepUntil} 年`) : '';
  for (const { part, state, files } of states) {
    if (state === 'missing' || state === 'none') continue;
    const from = next;
    const add = async (bytes: Buffer) => {
      body.push(bytes);
      next += await pagesOf(bytes);
    };
    if (part === 'note' || part === 'back') continue; // bound last, when the pages are known
    const content = state === 'made' ? contentOf(house, read, part, people, pictures) : [title(partNames[part])];
    const images = files.filter(id => pictures.has(id));
    for (const id of images)
      content.push({
        stack: [line(names.get(id) ?? ''), { image: pictures.get(id)!, fit: [460, 600], alignment: 'center' }],
        unbreakable: true,
        margin: [0, 4, 0, 12],
      });
    const others = files.filter(
      id => !pictures.has(id) && matter.files.find(file => file.id === id)?.type !== 'application/pdf',
    );
    for (const id of others)
      content.push(
        line(
          `${names.get(id) ?? ''}（原件为电子文件，校验 ${matter.files.find(file => file.id === id)?.sha256 ?? ''}）`,
        ),
      );
    await add(await layOut(content, next));
    for (const id of files)
      if (matter.files.find(file => file.id === id)?.type === 'application/pdf')
        await add(await numbered(bytesOf.get(id)!, next));
    catalogue.push({ name: partNames[part], from, to: next - 1 });
  }
  const missing = states.filter(part => part.state === 'missing').map(part => partNames[part.part]);
  const note = [
    title('卷宗情况说明'),
    line(`本卷共 ${next + 1} 页。${missing.length ? `缺：${missing.join('、')}。` : '应有材料齐全。'}`),
    line(mediation.agreement?.paperAt ? `纸质原件存放：${mediation.agreement.paperAt}。` : ''),
  ];
  body.push(await layOut(note, next));
  catalogue.push({ name: partNames.note, from: next, to: next });
  next += 1;
  const back = [
    title('封底'),
    table(
      [
        ['立卷人', filed?.by ?? ''],
        ['归档日期', filed ? day(house.clock()) : ''],
        ['保管期限', keep],
        ['页数', String(next)],
      ],
      [90, '*'],
    ),
  ];
  body.push(await layOut(back, next));
  catalogue.push({ name: partNames.back, from: next, to: next });
  const unit = house.keeper.current.units.get(mediation.committee)?.name ?? '';
  const sides = mediation.sides.map(side => read.parties.get(side.party)?.name ?? '');
  const cover: Content[] = [
    line(unit, { fontSize: 20, alignment: 'center', margin: [0, 80, 0, 30] }),
    line('人民调解卷宗', { fontSize: 32, bold: true, alignment: 'center', margin: [0, 0, 0, 40] }),
    table(
      [
        ['卷号', filed?.number ?? '（未归档稿）'],
        ['题名', `${sides.join('与')}纠纷`],
        ['事项编号', matter.number],
        [
          '调解员',
          sittingMediators(mediation)
            .map(id => people.get(id) ?? '')
            .join('、'),
        ],
        ['受理日期', day(mediation.at)],
        ['终结日期', day(mediation.endedAt)],
        ['结果', mediation.outcome ? outcomeNames[mediation.outcome] : ''],
        ['立卷人', filed?.by ?? ''],
        ['保管期限', keep],
      ],
      [100, '*'],
    ),
  ];
  const list: Content[] = [
    title('卷内目录'),
    table(
      [
        ['序号', '材料名称', '页码'],
        ...catalogue.map((one, i) => [
          String(i + 1),
          one.name,
          one.from === one.to ? `${one.from}` : `${one.from}—${one.to}`,
        ]),
      ],
      [40, '*', 80],
    ),
  ];
  const bytes = await joined(
    [await layOut(cover), await layOut(list), ...body],
    `人民调解卷宗 ${filed?.number ?? matter.number}`,
  );
  return { bytes, pages: next };
}

/**
 * Files the dossier: its number (without gaps, 卷号), the bound file and the record of it in one transaction. Sent again it
 * gives the first answer; opened and filed again it keeps its number.
 */
export async function fileDossier(
  house: House,
  doing: Doing,
  on: { county: string; id: string },
  given: { id: string; file: string; attach: string; years: number | null; by: string; people: Map<string, string> },
): Promise<{ number: string; pages: number; hash: string }> {
  const read = await readMediation(house, doing.scope, on.county, on.id);
  const { mediation } = read.matter;
  const sent = read.done.find(one => one.type === 'fileDossier' && one.data.file === given.file);
  if (sent) return { number: sent.data.number, pages: sent.data.pages, hash: sent.data.hash };
  if (mediation.outcome === null) throw new Failure('mediation_open');
  if (!may(doing.actor, 'fileDossier', read.matter)) throw new Failure('forbidden', { action: 'fileDossier' });
  const missing = partsOf(read).filter(part => part.state === 'missing');
  if (missing.length)
    throw new Failure('dossier_incomplete', { missing: missing.map(part => partNames[part.part]).join('、') });
  const year = Number(dateOf(doing.now).slice(0, 4));
  const keepUntil = given.years === null ? null : year + given.years;
  return house.db
    .write(doing.scope, async tx => {
      // The committee's counter is held until the filing stands: another filing of the same committee waits for its number.
      const taken = mediation.dossier
        ? undefined
        : await tx.one<{ next: number; mark: string }>(
            sql`INSERT INTO dossier_number AS d VALUES (${on.county}, ${mediation.committee}, ${year}, 2)
            ON CONFLICT (county, unit, year) DO UPDATE SET next = d.next + 1 RETURNING next, (SELECT mark FROM committee WHERE unit = ${mediation.committee}) AS mark`,
          );
      const number = mediation.dossier?.number ?? `（${year}）${taken!.mark ?? ''}人调字第${taken!.next - 1}号`;
      const { bytes, pages } = await bindDossier(house, doing.scope, read, given.people, {
        number,
        by: given.by,
        keepUntil,
      });
      const file = { id: given.file, name: `${number}.pdf`, bytes, audience: 'participants' as const };
      const { data, action } = await keepFile(house, doing.scope, on, file);
      await append(tx, house.loop, doing, on.county, on.id, { id: given.attach, action });
      const filed = Action.parse({
        type: 'fileDossier',
        data: { number, hash: data.sha256, file: given.file, pages, keepUntil },
        words: {},
      });
      await append(tx, house.loop, doing, on.county, on.id, { id: given.id, action: filed });
      return { number, pages, hash: data.sha256 };
    })
    .catch(clash('conflict'));
}
