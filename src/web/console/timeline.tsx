/** The history of a matter: each step in words, with what was said, ordered, corrected. */

import type { Action } from '../../matters/actions.ts';
import { yuan } from '../../matters/agreement.ts';
import type { PageShape } from '../../matters/contract.ts';
import { actionNames, stateNames } from '../../matters/words.ts';
import { dateTime, useDirectory } from '../ui/pieces.tsx';
import { type OptionSet, optionName, useWords } from '../ui/words.ts';
import { fieldLabel } from './action-form.tsx';

const named: Record<string, OptionSet> = {
  route: 'route',
  told: 'told',
  way: 'way',
  result: 'result',
  position: 'position',
  cause: 'cause',
  outcome: 'outcome',
  ground: 'ground',
  relation: 'relation',
  danger: 'danger',
  by: 'by',
  paper: 'paperKind',
  step: 'chainStep',
};

/** Where the same name means something else in some action. */
const sets: Record<string, OptionSet> = {
  'decideReview.outcome': 'reviewOutcome',
  'suspend.ground': 'ground2',
  'serve.way': 'serveWay',
  'followUp.cause': 'dissatisfied',
  'rate.cause': 'dissatisfied',
  'rate.stars': 'stars',
  'accept.route': 'acceptRoute',
  'mediate.basis': 'basis',
  'mediate.referredBy': 'body',
  'planSitting.way': 'sittingWay',
  'endSitting.to': 'sittingState',
  'minute.kind': 'minuteKind',
  'writeAgreement.form': 'agreementForm',
  'endMediation.outcome': 'mediationOutcome',
  'breach.next': 'breachNext',
  'confirmed.result': 'confirmResult',
  'dock.body': 'body',
  'dock.stage': 'stage',
  'dockStep.to': 'dockState',
  'closeHearing.to': 'hearingState',
};

type Corrected = Extract<Action, { type: 'correct' }>['data']['set'];

export function Entry({
  entry,
  matter: { orders, kind },
}: {
  entry: PageShape['timeline'][number];
  matter: Pick<PageShape['matter'], 'orders' | 'kind'>;
}) {
  const { t, language } = useWords();
  const directory = useDirectory();
  // What the clock did by itself: an order to the unit, or a warning before the deadline.
  const issued =
    entry.type === 'lapse'
      ? orders
          .filter(order => order.at === entry.at)
          .map(order => `${optionName('alarm', order.level, language)} → ${directory.unitName(order.to)}`)
      : [];
  if (entry.type === 'lapse' && !issued.length && entry.state !== 'struck')
    issued.push(optionName('alarm', 'warn', language));
  const corrected = ({ category, path, receivedAt, externals }: Corrected) => [
    ...(category !== undefined ? [`${t('category')}：${directory.categoryName(kind, category) || '—'}`] : []),
    ...(path ? [`${t('place')}：${directory.placeName(path)}`] : []),
    ...(receivedAt !== undefined ? [`${t('receivedAt')}：${dateTime(receivedAt)}`] : []),
    ...(externals ?? []).map(one => `${t('externalNumber')}：${one.number}`),
  ];
  const said = Object.entries(entry.data).flatMap(([key, value]) => {
    if (key === 'unit') return [`→ ${directory.unitName(String(value))}`];
    if (entry.type === 'amend' && key === 'fields' && Array.isArray(value))
      return [value.map(field => t(field === 'safe' ? 'safeContact' : field)).join('、')];
    if (entry.type === 'correct' && key === 'set') return corrected(value as Corrected);
    if (key === 'told' && Array.isArray(value))
      return value.map(({ who, at }) => `${optionName('whoTold', who, language)} ${dateTime(at)}`);
    const label = fieldLabel(entry.type, key);
    const worded = (text: string) => [label ? `${t(label)}：${text}` : text];
    const own = sets[`${entry.type}.${key}`];
    const set = own ?? (typeof value === 'string' ? named[key] : undefined);
    if (set) return worded(optionName(set, value, language));
    if (label && typeof value === 'boolean') return worded(t(value ? 'yes' : 'no'));
    if (entry.type === 'dock' && key === 'way') return [t(value === 'in' ? 'takenIn' : 'givenOut')];
    if (entry.type === 'dock' && key === 'name') return [String(value)];
    if (key === 'fen') return [yuan(Number(value))];
    if (key === 'number') return [String(value)];
    if (key === 'days') return [`${t('days')} ${value}`];
    if (key === 'count') return [`${t('count')} ${value}`];
    if (key === 'parts' && Array.isArray(value)) return value.map(({ unit }) => `→ ${directory.unitName(unit)}`);
    return [];
  });
  return (
    <li className={entry.type === 'lapse' ? 'auto' : ''}>
      <div className="head">
        <strong>{actionNames[language][entry.type as keyof typeof actionNames.zh]}</strong>
        <span>
          {directory.unitName(entry.unit) || t('system')} {entry.actorName}
        </span>
        <span className="quiet">{dateTime(entry.at)}</span>
        <span className="quiet">→ {stateNames[language][entry.state]}</span>
      </div>
      {[...issued, ...said].length > 0 && <div className="quiet">{[...issued, ...said].join(' · ')}</div>}
      {typeof entry.words?.text === 'string' && entry.type !== 'register' && <p>{entry.words.text}</p>}
      {(['formerTitle', 'formerText'] as const).map(
        key =>
          typeof entry.words?.[key] === 'string' && (
            <p key={key} className="quiet narrative">
              {t(key)}：{entry.words[key]}
            </p>
          ),
      )}
    </li>
  );
}
