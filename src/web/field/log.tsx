/** 记录: what was sent today, what waits, and what was refused with what to do about it. */
import { useEffect, useState } from 'react';
import { v7 as uuid } from 'uuid';
import type { ActionType } from '../../matters/actions.ts';
import { dateOf, minuteOf } from '../../matters/clocks.ts';
import { actionNames } from '../../matters/words.ts';
import { facts, type Item } from '../../sync/contract.ts';
import { presentOf } from './matter.tsx';
import { Empty, Screen, useSession } from './pieces.tsx';
import type { LogRow } from './session.ts';

export function Log() {
  const { session, t } = useSession();
  const [rows, setRows] = useState<LogRow[]>();
  const { version } = session;
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again with every change of the outbox
  useEffect(() => {
    void session.log().then(setRows);
  }, [session, version]);
  if (!rows) return null;
  const today = dateOf(Date.now());
  const refused = rows.filter(row => row.state === 'refused');
  const rest = rows.filter(row => row.state !== 'refused');
  const parts: [string, LogRow[]][] = [
    ['', refused],
    [t('today'), rest.filter(row => dateOf(row.at) === today)],
    [t('earlier'), rest.filter(row => dateOf(row.at) !== today)],
  ];
  return (
    <Screen title={t('log')}>
      {rows.length === 0 && <Empty title={t('noLog')} />}
      {parts.map(
        ([title, part]) =>
          part.length > 0 && (
            <section key={title || 'refused'} aria-label={title || t('refused')}>
              {title && <h2>{title}</h2>}
              {part.map(row => (
                <Entry key={row.n} row={row} />
              ))}
            </section>
          ),
      )}
    </Screen>
  );
}

function Entry({ row }: { row: LogRow }) {
  const { session, t, language } = useSession();
  const { answer, item } = row;
  const named = (type: string) => actionNames[language][type as ActionType] ?? t('report');
  return (
    <article className="entry">
      <p>
        <strong>{row.title || t('sealedRow')}</strong>
        <br />
        <span className={row.state === 'refused' ? 'late' : row.state === 'done' ? 'good' : 'quiet'}>
          {row.state === 'done' ? '✓ ' : row.state === 'refused' ? '⚠ ' : '○ '}
          {t(row.state)}
        </span>{' '}
        <span className="quiet">
          {minuteOf(row.at)} {answer?.number ?? ''}
        </span>
      </p>
      {answer?.beside.map(one => (
        <p key={one.at} className="say warn">
          {t('besideSaid', { person: one.person, what: named(one.type), time: minuteOf(one.at) })}
        </p>
      ))}
      {row.state === 'refused' && (
        <>
          <p className="say late">
            {t('whyRefused')}：{answer?.message}
          </p>
          {answer?.present && (
            <p>
              {t('nowIs')}：{presentOf(language, answer.present)}
            </p>
          )}
          {item?.do === 'act' && <p className="pre quiet">{(item.action.words as { text?: string }).text}</p>}
          {item?.do === 'register' && <p className="pre quiet">{item.input.text}</p>}
          {item && (
            <button type="button" onClick={() => void session.resend(row, again(item, answer?.present?.seq))}>
              {t('sendAgain')}
            </button>
          )}
          {item?.do === 'act' && !facts.includes(item.action.type) && (
            <button type="button" onClick={() => void session.resend(row, asNote(item, named(item.action.type)))}>
              {t('asNote')}
            </button>
          )}
          <button type="button" onClick={() => confirm(t('dropSure')) && void session.drop(row.n)}>
            {t('drop')}
          </button>
        </>
      )}
    </article>
  );
}

/** The same thing under a new id, on the state of now. */
function again(item: Item, seq: number | undefined): Item {
  const id = uuid();
  if (item.do === 'register') return { ...item, id, input: { ...item.input, action: id } };
  if (item.do === 'enter') return { ...item, id, input: { ...item.input, id } };
  if (item.do === 'attach') return { ...item, id };
  return { ...item, id, saw: seq ?? item.saw };
}
/** What was meant as a decision is kept as what was seen. */
const asNote = (item: Extract<Item, { do: 'act' }>, name: string): Item => ({
  ...item,
  id: uuid(),
  action: {
    type: 'note',
    data: { audience: 'participants' },
    words: { text: `${name}：${(item.action.words as { text?: string }).text ?? ''}` },
  },
});
