/** One page tells one matter whole: facts at the left, what was done in the middle, the next step at the right. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, Dropdown, Input, Modal, Upload } from 'antd';
import { useEffect, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link } from 'wouter';
import { base } from '../../kernel/contract.ts';
import { kinds } from '../../kinds/kinds.ts';
import type { Action } from '../../matters/actions.ts';
import { explain } from '../../matters/clocks.ts';
import { matterContracts, type PageShape } from '../../matters/contract.ts';
import { owed } from '../../matters/matter.ts';
import { actionNames } from '../../matters/words.ts';
import { call, download, upload, urlOf } from '../ui/api.ts';
import { Await, Deadline, dateTime, messageOf, StateTag, useDirectory, useMe, useNow } from '../ui/pieces.tsx';
import { optionName, useWords, type Word } from '../ui/words.ts';
import { ActionForm, hasForm } from './action-form.tsx';
import { AddParty, CorrectParty } from './add-party.tsx';
import { Docks } from './docks.tsx';
import { Exchange, Privacy } from './exchange.tsx';
import { HazardPanel } from './hazard.tsx';
import { type Own, shownOf } from './own-fields.tsx';
import { Entry } from './timeline.tsx';
import { Watched } from './watched.tsx';

/** Which actions finish what the accountable unit owes, in the order an office thinks of them. */
const primary: Record<string, Action['type'][]> = {
  accept: ['openStock', 'accept', 'decline'],
  dispatch: ['dispatch', 'escalate'],
  sign: ['sign', 'return'],
  handle: ['report', 'return'],
  rule: ['rule'],
  answer: ['answer', 'pass', 'draft', 'sendBack'],
  close: ['close'],
  followUp: ['followUp'],
  rate: ['rate'],
  review: ['decideReview'],
  reexamine: ['decideReview'],
};

export default function MatterView({ county, id }: { county: string; id: string }) {
  const query = useQuery({
    queryKey: ['matter', county, id],
    queryFn: () => call(matterContracts.page, { params: { county, id } }),
  });
  return <Await query={query}>{page => <Whole page={page} />}</Await>;
}

function Whole({ page }: { page: PageShape }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const directory = useDirectory();
  const me = useMe();
  const cache = useQueryClient();
  const now = useNow();
  const [doing, setDoing] = useState<Action['type']>();
  const [fresh, setFresh] = useState(false);
  const { matter } = page;
  const key = ['matter', matter.county, matter.id];
  const reload = () => cache.invalidateQueries({ queryKey: key });
  // What others do meanwhile is shown within a minute; what was typed stays.
  const row = useQuery({
    queryKey: ['row', matter.county, matter.id],
    queryFn: () => call(matterContracts.row, { params: { county: matter.county, id: matter.id } }),
    refetchInterval: 60_000,
    enabled: matter.open,
  });
  const seen = row.data?.seq ?? 0;
  useEffect(() => {
    if (seen <= matter.seq || cache.isFetching({ queryKey: key })) return;
    setFresh(true);
    reload();
  });
  const step = matter.open ? owed[matter.state as keyof typeof owed] : undefined;
  const able = page.abilities.filter(hasForm) as Action['type'][];
  const main = (step ? primary[step]! : []).filter(type => able.includes(type));
  const others = able.filter(type => !main.includes(type));
  // Why there is no step, where a person would wonder.
  const why: Word = !matter.open
    ? 'matterEnded'
    : matter.state === 'closed' && matter.handledBy.includes(me.person)
      ? 'followUpByOther'
      : !me.posts.some(post => post.unit === matter.unit)
        ? 'stepElsewhere'
        : 'nothingToDo';
  const print = (template: 'acceptance' | 'reply' | 'sheet') =>
    download(urlOf(matterContracts.print.path, { county: matter.county, id: matter.id, template }));

  return (
    <>
      <div className="bar">
        <h1 style={{ fontSize: 18, margin: 0 }}>{page.summary ?? t('erased')}</h1>
        <StateTag state={matter.state} stock={matter.stock} />
        {matter.sensitive && <strong className="late">〔{t('sensitive')}〕</strong>}
        <span className="quiet">{matter.number}</span>
        <span style={{ flex: 1 }} />
        <Dropdown
          menu={{
            items: [
              { key: 'a', label: t('acceptanceNotice'), onClick: () => print('acceptance') },
              { key: 'r', label: t('replyLetter'), onClick: () => print('reply') },
              { key: 's', label: t('matterSheet'), onClick: () => print('sheet') },
            ],
          }}
          disabled={page.erased}
        >
          <Button className="no-print">{t('printing')}</Button>
        </Dropdown>
      </div>
      <div className="three">
        <div>
          <Facts page={page} />
          <Parties page={page} />
          <Files page={page} onDone={reload} canAdd={page.abilities.includes('attach')} />
          <Watched matter={matter} />
          <HazardPanel matter={matter} />
          <Docks page={page} />
          <Exchange page={page} />
          {matter.kind === 'privacy' && <Privacy page={page} />}
        </div>
        <div>
          <section className="panel">
            <h2>{t('narrative')}</h2>
            {page.erased ? <Alert type="info" title={t('erased')} /> : <p className="narrative">{page.words?.text}</p>}
          </section>
          <section className="panel">
            <h2>{t('timeline')}</h2>
            <ol className="timeline">
              {page.timeline.toReversed().map(entry => (
                <Entry key={entry.id} entry={entry} matter={matter} />
              ))}
            </ol>
          </section>
        </div>
        <aside aria-label={t('nextStep')} className="no-print">
          <section className="panel">
            <h2>{t('nextStep')}</h2>
            {matter.open && (
              <div style={{ marginBottom: 10 }}>
                <div>{directory.unitName(matter.unit)}</div>
                <div style={{ fontSize: 18 }}>
                  <Deadline at={matter.dueAt} now={now} />
                </div>
                {matter.due && (
                  <details style={{ marginTop: 4 }}>
                    <summary className="quiet">{t('basis')}</summary>
                    <p className="ground">{explain(matter.due, language)}</p>
                  </details>
                )}
              </div>
            )}
            {fresh && <Alert type="warning" showIcon title={t('changedMeanwhile')} style={{ marginBottom: 10 }} />}
            {doing ? (
              <ActionForm
                key={doing}
                matter={matter}
                text={page.words?.text ?? ''}
                type={doing}
                onCancel={() => setDoing(undefined)}
                onStale={() => {
                  setFresh(true);
                  reload();
                }}
                onDone={() => {
                  setDoing(undefined);
                  setFresh(false);
                  message.success(`${actionNames[language][doing]} · ${t('done')}`);
                  reload();
                  cache.invalidateQueries({ queryKey: ['matters'] });
                }}
              />
            ) : (
              <div className="steps">
                {main.map((type, i) => (
                  <Button key={type} type={i === 0 ? 'primary' : 'default'} size="large" onClick={() => setDoing(type)}>
                    {actionNames[language][type]}
                  </Button>
                ))}
                {!main.length && <span className="quiet">{t(why)}</span>}
              </div>
            )}
          </section>
          {!doing && others.length > 0 && (
            <section className="panel">
              <h2>{t('otherSteps')}</h2>
              <div style={{ display: 'flex', flexWrap: 'wrap', gap: 6 }}>
                {others.map(type => (
                  <Button key={type} danger={type === 'urgent'} onClick={() => setDoing(type)}>
                    {actionNames[language][type]}
                  </Button>
                ))}
              </div>
            </section>
          )}
        </aside>
      </div>
    </>
  );
}

function Facts({ page: { matter, words } }: { page: PageShape }) {
  const { t, language } = useWords();
  const directory = useDirectory();
  const facts: [string, React.ReactNode][] = [
    [
      t('kind'),
      `${kinds[matter.kind].label[language]}${matter.fields.purpose ? ` · ${optionName('purpose', matter.fields.purpose, language)}` : ''}`,
    ],
    [t('category'), directory.categoryName(matter.kind, matter.category)],
    ...directory.fields[matter.kind].flatMap(({ name, title }) => {
      const value = (matter.fields.own as Own | undefined)?.[name];
      return value === undefined ? [] : [[title, shownOf(value)] as [string, string]];
    }),
    [t('place'), `${directory.placeName(matter.path)}${words?.address ? ` ${words.address}` : ''}`],
    [t('source'), optionName('source', matter.source, language)],
    [t('received'), `${dateTime(matter.receivedAt)}${words?.reason ? `（${words.reason}）` : ''}`],
    [t('centre'), directory.unitName(matter.centre)],
    [t('handler'), directory.unitName(matter.handler)],
    ...(matter.reworks ? [[t('reworks'), matter.reworks] as [string, number]] : []),
    ...(matter.rating ? [[t('rating'), optionName('stars', matter.rating, language)] as [string, string]] : []),
    ...matter.externals.map(
      external => [optionName('system', external.system, language), external.number] as [string, string],
    ),
  ];
  return (
    <section className="panel">
      <h2>{t('facts')}</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={String(name)} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value || '—'}</dd>
          </div>
        ))}
      </dl>
      {matter.relations.length > 0 && (
        <>
          <h2 style={{ fontSize: 14, margin: '12px 0 4px' }}>{t('relations')}</h2>
          {matter.relations.map(r => (
            <div key={r.matter + r.relation}>
              <Link href={`/matters/${r.county}/${r.matter}`}>{optionName('relation', r.relation, language)}</Link>
            </div>
          ))}
        </>
      )}
    </section>
  );
}

function Parties({ page: { matter, parties, erased, abilities } }: { page: PageShape }) {
  const { t, language } = useWords();
  const [asking, setAsking] = useState<string>();
  const [reason, setReason] = useState('');
  const shown = useMutation({
    mutationFn: () =>
      call(matterContracts.reveal, {
        params: { county: matter.county, id: matter.id },
        body: { party: asking, reason },
      }),
  });
  const masked = new Map(parties.map(party => [party.id, party.masked]));
  const clear = shown.data as
    | {
        name?: string;
        phone?: string;
        identity?: string;
        address?: string;
        safe?: { phone?: string; when?: string; never?: string };
      }
    | undefined;
  const lines: [Word, string | undefined][] = [
    ['name', clear?.name],
    ['phone', clear?.phone],
    ['identity', clear?.identity],
    ['address', clear?.address],
    ['safePhone', clear?.safe?.phone],
    ['safeWhen', clear?.safe?.when],
    ['safeNever', clear?.safe?.never],
  ];
  return (
    <section className="panel">
      <h2>{t('parties')}</h2>
      {matter.parties.map(party => (
        <div key={party.id} style={{ marginBottom: 8 }}>
          <div>
            {optionName('role', party.role, language)}　<strong>{party.name}</strong>
            {party.actsFor && `（${t('actsFor')} ${matter.parties.find(p => p.id === party.actsFor)?.name}）`}
          </div>
          <div className="quiet">
            {[masked.get(party.id)?.phone, masked.get(party.id)?.identity].filter(Boolean).join('　')}
          </div>
          {masked.get(party.id)?.safe && <div className="late">⚠ {t('safeWarn')}</div>}
          {masked.has(party.id) && !party.unit && !erased && (
            <Button
              size="small"
              type="link"
              style={{ padding: 0 }}
              onClick={() => {
                shown.reset();
                setReason('');
                setAsking(party.id);
              }}
            >
              {t('reveal')}
            </Button>
          )}
          {abilities.includes('amend') && !party.unit && !erased && (
            <CorrectParty matter={matter} party={party} masked={masked.get(party.id)} />
          )}
        </div>
      ))}
      {abilities.includes('join') && <AddParty matter={matter} />}
      <Modal
        open={Boolean(asking)}
        title={t('reveal')}
        onCancel={() => setAsking(undefined)}
        onOk={() => (clear ? setAsking(undefined) : shown.mutate())}
        okButtonProps={{ disabled: !clear && reason.trim().length < 2, loading: shown.isPending }}
        okText={clear ? t('close') : t('ok')}
        cancelText={t('cancel')}
      >
        {shown.error && <Alert type="error" title={messageOf(shown.error)} />}
        {clear ? (
          <dl className="facts">
            {lines
              .filter(([, value]) => value)
              .map(([word, value]) => (
                <div key={word} style={{ display: 'contents' }}>
                  <dt>{t(word)}</dt>
                  <dd>
                    <strong>{value}</strong>
                  </dd>
                </div>
              ))}
          </dl>
        ) : (
          <Input
            aria-label={t('revealReason')}
            placeholder={t('revealReason')}
            value={reason}
            onChange={event => setReason(event.target.value)}
            onPressEnter={() => reason.trim().length >= 2 && shown.mutate()}
          />
        )}
      </Modal>
    </section>
  );
}

function Files({ page: { matter, timeline }, onDone, canAdd }: { page: PageShape; onDone(): void; canAdd: boolean }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [own, setOwn] = useState(false);
  const send = useMutation({
    mutationFn: (file: File) =>
      upload(
        matterContracts.upload,
        { params: { county: matter.county, id: matter.id } },
        { id: uuid(), action: uuid(), audience: own ? 'unit' : 'participants' },
        file,
      ),
    onSuccess: onDone,
    onError: error => void message.error(messageOf(error)),
  });
  const nameOf = (file: string) => String(timeline.find(entry => entry.data.id === file)?.words?.text ?? 'file');
  return (
    <section className="panel">
      <h2>{t('files')}</h2>
      {matter.files.map(file => (
        <div key={file.id}>
          <a href={`${base}/matters/${matter.county}/${matter.id}/files/${file.id}`}>{nameOf(file.id)}</a>{' '}
          <span className="quiet">{Math.ceil(file.size / 1024)} KB</span>
        </div>
      ))}
      {canAdd && (
        <div style={{ display: 'flex', gap: 8, alignItems: 'center', marginTop: 6 }}>
          <Upload
            showUploadList={false}
            beforeUpload={file => {
              send.mutate(file);
              return false;
            }}
          >
            <Button loading={send.isPending}>{t('addFile')}</Button>
          </Upload>
          <Checkbox checked={own} onChange={event => setOwn(event.target.checked)}>
            {t('onlyUnit')}
          </Checkbox>
        </div>
      )}
    </section>
  );
}
