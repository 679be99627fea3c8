/** The thirteen parts of a dossier (M7): what each rests on, and what is missing before it may be filed. */
import { type DossierPart, dossierParts } from '../matters/mediation-codes.ts';
import type { ReadMediation } from './store.ts';

export const partNames: Record<DossierPart, string> = {
  application: '人民调解申请书（受理登记表）',
  rights: '当事人权利义务告知书',
  identities: '当事人身份证明',
  authorisations: '授权委托材料',
  inquiries: '调查（询问）笔录',
  evidence: '证据材料',
  minutes: '调解笔录',
  agreement: '人民调解协议书',
  performance: '履行情况记录',
  followup: '回访记录',
  confirmation: '司法确认材料',
  note: '卷宗情况说明',
  back: '封底',
};
/** ★: a dossier without one of them is not filed. */
const must: readonly DossierPart[] = ['application', 'rights', 'identities', 'minutes', 'agreement', 'back'];

export type PartState = {
  part: DossierPart;
  must: boolean;
  state: 'made' | 'files' | 'missing' | 'none';
  files: string[];
};

/** What each part rests on, and what is missing. */
export function partsOf({ matter, minutes, parties, done }: ReadMediation): PartState[] {
  const { mediation } = matter;
  const filesOf = (part: DossierPart) => matter.files.filter(file => file.part === part).map(file => file.id);
  const spoken = minutes.some(one => one.kind !== 'inquiry');
  const agents = matter.parties.some(party => party.actsFor !== undefined);
  const identified = mediation.sides.every(side => Boolean(parties.get(side.party)?.identity));
  const made: Record<DossierPart, boolean> = {
    application: true,
    rights: mediation.sides.every(side => side.rightsAt !== null),
    identities: identified,
    authorisations: false,
    inquiries: minutes.some(one => one.kind === 'inquiry'),
    evidence: false,
    // Who refused before a sitting has left no minutes: the record says that.
    minutes: spoken || mediation.outcome === 'refused' || mediation.outcome === 'withdrawn',
    agreement: mediation.outcome !== 'agreed' || mediation.agreement?.inForceAt !== null,
    performance: mediation.agreement?.clauses.some(clause => clause.kind === 'pay') ?? false,
    followup: done.some(one => one.type === 'followUp'),
    confirmation: mediation.confirmation !== null,
    note: true,
    back: true,
  };
  return dossierParts.map(part => {
    const files = filesOf(part);
    const needed = must.includes(part) || (part === 'authorisations' && agents);
    const state = made[part] ? 'made' : files.length ? 'files' : needed ? 'missing' : 'none';
    return { part, must: needed, state, files };
  });
}
