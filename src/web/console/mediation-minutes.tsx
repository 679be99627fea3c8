/** Minutes written live, by several at once: each line is one of its own; a line changed meanwhile is shown before it is overwritten. */
import { Alert, App, Button, Input, Select } from 'antd';
import { useRef, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Action } from '../../matters/actions.ts';
import { matterContracts } from '../../matters/contract.ts';
import { call, Refused } from '../ui/api.ts';
import { dateTime, messageOf } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { useActing } from './acting.ts';
import type { Desk } from './mediation.tsx';

type Draft = { line: string; saw: number; sitting: number; kind: string; party: string | undefined; text: string };

export function Minutes({ desk: { matter, read, able } }: { desk: Desk }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const { renew, params } = useActing(matter);
  const planned = matter.mediation.sittings.at(-1)?.n ?? 0;
  const fresh = (): Draft => ({ line: uuid(), saw: 0, sitting: planned, kind: 'position', party: undefined, text: '' });
  const [draft, setDraft] = useState<Draft>(fresh);
  const [meanwhile, setMeanwhile] = useState(false);
  const [saving, setSaving] = useState(false);
  const id = useRef(uuid());
  const box = useRef<HTMLTextAreaElement>(null);
  const nameOf = (party: string | null) =>
    read.sides.find(side => side.party === party)?.name ?? matter.parties.find(one => one.id === party)?.name ?? '';
  const save = async (draft: Draft) => {
    if (!draft.text.trim() || saving) return;
    setSaving(true);
    const { text, party, ...data } = draft;
    try {
      const action = Action.parse({ type: 'minute', data: { ...data, ...(party && { party }) }, words: { text } });
      await call(matterContracts.act, { params, body: { id: id.current, action } });
      setDraft({ ...fresh(), sitting: draft.sitting, kind: draft.kind, party });
      setMeanwhile(false);
      id.current = uuid();
      box.current?.focus();
    } catch (error) {
      if (error instanceof Refused && error.status !== 0) id.current = uuid();
      setMeanwhile(error instanceof Refused && error.code === 'minutes_changed');
      void message.error(messageOf(error), 6);
    } finally {
      setSaving(false);
      renew();
    }
  };
  const now = read.minutes.find(one => one.line === draft.line);
  return (
    <section className="panel">
      <h2>{t('minutes')}</h2>
      {!read.minutes.length && <p className="quiet">{t('noMinutes')}</p>}
      <ol className="timeline" aria-live="polite">
        {read.minutes.map(one => (
          <li key={one.line}>
            <div className="head">
              <strong>{optionName('minuteKind', one.kind, language)}</strong>
              <span>{nameOf(one.party)}</span>
              <span className="quiet">
                {one.sitting ? `${t('sittings')} ${one.sitting}` : t('outside')} · {dateTime(one.at)} {one.by}
              </span>
              {able.includes('minute') && (
                <Button
                  size="small"
                  type="link"
                  onClick={() => {
                    setMeanwhile(false);
                    setDraft({
                      line: one.line,
                      saw: one.version,
                      sitting: one.sitting,
                      kind: one.kind,
                      party: one.party ?? undefined,
                      text: one.text,
                    });
                  }}
                >
                  {t('editLine')}
                </Button>
              )}
            </div>
            <p>{one.text}</p>
          </li>
        ))}
      </ol>
      {able.includes('minute') && (
        <div>
          <div className="bar" style={{ marginBottom: 6 }}>
            <Select
              aria-label={t('sittings')}
              style={{ width: 130 }}
              value={draft.sitting}
              onChange={sitting => setDraft({ ...draft, sitting })}
              options={[
                { value: 0, label: t('outside') },
                ...matter.mediation.sittings.map(one => ({ value: one.n, label: `${t('sittings')} ${one.n}` })),
              ]}
            />
            <Select
              aria-label={t('kind')}
              style={{ width: 100 }}
              value={draft.kind}
              onChange={kind => setDraft({ ...draft, kind })}
              options={choices('minuteKind', language)}
            />
            <Select
              allowClear
              aria-label={t('speaker')}
              placeholder={t('speaker')}
              style={{ width: 160 }}
              value={draft.party}
              onChange={party => setDraft({ ...draft, party })}
              options={matter.parties.map(one => ({
                value: one.id,
                label: `${optionName('role', one.role, language)} ${nameOf(one.id)}`,
              }))}
            />
          </div>
          {meanwhile && now && (
            <Alert type="warning" showIcon title={`${t('nowReads')}：${now.text}`} style={{ marginBottom: 6 }} />
          )}
          <Input.TextArea
            ref={area => {
              box.current = area?.resizableTextArea?.textArea ?? null;
            }}
            aria-label={t('saidHere')}
            placeholder={t('saidHere')}
            autoSize={{ minRows: 2, maxRows: 8 }}
            maxLength={4000}
            value={draft.text}
            onChange={event => setDraft({ ...draft, text: event.target.value })}
            onKeyDown={event => {
              if (event.key === 'Enter' && event.ctrlKey) void save(draft);
            }}
          />
          <div className="bar" style={{ margin: '6px 0 0' }}>
            <Button
              type="primary"
              loading={saving}
              disabled={!draft.text.trim()}
              // Having seen what it reads now, the next saving goes over it on purpose.
              onClick={() => void save(meanwhile && now ? { ...draft, saw: now.version } : draft)}
            >
              {t(draft.saw ? 'save' : 'addLineOf')}
            </Button>
            {(draft.saw > 0 || draft.text) && <Button onClick={() => setDraft(fresh())}>{t('cancel')}</Button>}
          </div>
        </div>
      )}
    </section>
  );
}
