/** Beside a matter: where it travelled to other systems, handing it out, another round; and a request about somebody's data. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { channelContracts } from '../../channels/contract.ts';
import type { PageShape } from '../../matters/contract.ts';
import { portalDesk } from '../../portal/desk-contract.ts';
import { call } from '../ui/api.ts';
import { AskFirst, Await } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

type Ref = { county: string; id: string };

export function Exchange({ page }: { page: PageShape }) {
  const { t, language } = useWords();
  const { county, id } = page.matter;
  const [handing, setHanding] = useState(false);
  const [again, setAgain] = useState<string>();
  const query = useQuery({
    queryKey: ['journeys', county, id],
    queryFn: () => call(channelContracts.journeys, { params: { county, id } }),
  });
  const rows = query.data?.rows ?? [];
  const may = page.abilities.includes('dock');
  if (!rows.length && !may) return null;
  return (
    <section className="panel">
      <h2>{t('exchangeOf')}</h2>
      {rows.map(row => (
        <div key={row.id}>
          {optionName('journeyWay', row.way, language)} · {row.name} · {optionName('journeyState', row.state, language)}{' '}
          · {t('roundOf')} {row.round} {row.number}{' '}
          {row.waiting > 0 && (
            <span className="late">
              {t('waitingOut')} {row.waiting}
            </span>
          )}
          {row.refused && <span className="late"> {row.refused}</span>}
          {may && row.way === 'out' && (row.state === 'done' || row.state === 'declined') && (
            <Button size="small" onClick={() => setAgain(row.id)}>
              {t('againRound')}
            </Button>
          )}
        </div>
      ))}
      {may && (
        <Button size="small" onClick={() => setHanding(true)}>
          {t('handOut')}
        </Button>
      )}
      {handing && <HandOut page={page} onDone={() => setHanding(false)} />}
      {again && <Again on={{ county, id }} exchange={again} onDone={() => setAgain(undefined)} />}
    </section>
  );
}

function HandOut({ page, onDone }: { page: PageShape; onDone(): void }) {
  const { t } = useWords();
  const needed = useNeeded();
  const { county, id, files } = page.matter;
  const peers = useQuery({ queryKey: ['peers'], queryFn: () => call(channelContracts.peers, { params: { county } }) });
  const [ids] = useState(() => ({ action: uuid(), exchange: uuid() }));
  const send = useSending(
    (values: { peer: string; days: number; text: string; files?: string[] }) =>
      call(channelContracts.handOut, { params: { county, id }, body: { ...ids, ...values } }),
    ['journeys', 'matter'],
    onDone,
  );
  const name = (file: string) =>
    String(page.timeline.find(entry => entry.data.id === file)?.words?.text ?? file.slice(0, 8));
  return (
    <FormDialog title={t('handOut')} send={send} onCancel={onDone} initial={{ days: 5, files: [] }}>
      <Form.Item name="peer" label={t('peerOf')} rules={needed}>
        <Select
          options={(peers.data?.peers ?? [])
            .filter(peer => !peer.ended)
            .map(peer => ({ value: peer.id, label: peer.name }))}
          notFoundContent={t('noPeers')}
        />
      </Form.Item>
      <Form.Item name="days" label={t('days')} rules={needed}>
        <InputNumber min={1} max={180} />
      </Form.Item>
      <Form.Item name="text" label={t('content')} rules={needed}>
        <Input.TextArea rows={3} maxLength={2000} />
      </Form.Item>
      <Form.Item name="files" label={t('filesAlong')}>
        <Select
          mode="multiple"
          options={files
            .filter(file => file.audience === 'participants')
            .map(file => ({ value: file.id, label: name(file.id) }))}
        />
      </Form.Item>
    </FormDialog>
  );
}

function Again({ on, exchange, onDone }: { on: Ref; exchange: string; onDone(): void }) {
  const { t } = useWords();
  const needed = useNeeded();
  const [action] = useState(() => uuid());
  const send = useSending(
    (values: { days: number; text: string }) =>
      call(channelContracts.sendAgain, { params: { ...on, exchange }, body: { action, ...values } }),
    ['journeys', 'matter'],
    onDone,
  );
  return (
    <FormDialog title={t('againRound')} send={send} onCancel={onDone} initial={{ days: 5 }}>
      <Form.Item name="days" label={t('days')} rules={needed}>
        <InputNumber min={1} max={180} />
      </Form.Item>
      <Form.Item name="text" label={t('reason')} rules={needed}>
        <Input.TextArea rows={3} maxLength={2000} />
      </Form.Item>
    </FormDialog>
  );
}

/** 个人信息请求 (个人信息保护法 44–50): what it is about, and carrying it out. */
export function Privacy({ page }: { page: PageShape }) {
  const { t, language } = useWords();
  const { county, id } = page.matter;
  const [doing, setDoing] = useState<'correct' | 'erase'>();
  const query = useQuery({
    queryKey: ['privacy', county, id],
    queryFn: () => call(portalDesk.privacy, { params: { county, id } }),
  });
  const may = page.abilities.includes('report');
  return (
    <section className="panel">
      <h2>{t('privacyOf')}</h2>
      <Await query={query}>
        {data => (
          <>
            <div>
              {t('privacyRight')}：<strong>{optionName('privacyRight', data.right, language)}</strong>　{t('privacyIn')}
              ：{data.number}
            </div>
            <div className="quiet">
              {[data.party.name, data.party.phone, data.party.identity].filter(Boolean).join(' · ')}
            </div>
            {data.erased && <Alert type="info" title={t('erasedAlready')} />}
            {data.keeps && data.right === 'delete' && (
              <Alert
                type="warning"
                showIcon
                title={`${t('keptBecause')}：${optionName('keeps', data.keeps, language)}`}
              />
            )}
            {may && !data.erased && data.right === 'correct' && (
              <Button size="small" type="primary" onClick={() => setDoing('correct')}>
                {t('carryOutCorrect')}
              </Button>
            )}
            {may && !data.erased && data.right === 'delete' && !data.keeps && (
              <AskFirst title={t('eraseSure')} onConfirm={() => setDoing('erase')} danger>
                {t('carryOutErase')}
              </AskFirst>
            )}
          </>
        )}
      </Await>
      {doing && <CarryOut on={{ county, id }} what={doing} onDone={() => setDoing(undefined)} />}
    </section>
  );
}

function CarryOut({ on, what, onDone }: { on: Ref; what: 'correct' | 'erase'; onDone(): void }) {
  const { t, language } = useWords();
  const needed = useNeeded();
  const [action] = useState(() => uuid());
  const send = useSending(
    ({
      reason,
      reach = 'person',
      ...given
    }: {
      reason: string;
      reach?: 'person' | 'matter';
      name?: string;
      phone?: string;
      address?: string;
    }) =>
      call(portalDesk.carryOut, {
        params: on,
        body: { action, reason, what: what === 'erase' ? { do: 'erase', reach } : { do: 'correct', ...given } },
      }),
    ['privacy', 'matter'],
    onDone,
  );
  return (
    <FormDialog
      title={t(what === 'erase' ? 'carryOutErase' : 'carryOutCorrect')}
      send={send}
      onCancel={onDone}
      initial={{ reach: 'person' }}
    >
      {what === 'erase' ? (
        <Form.Item name="reach" label={t('eraseReach')} rules={needed}>
          <Select options={choices('eraseReach', language)} />
        </Form.Item>
      ) : (
        <>
          <Form.Item name="name" label={t('newName')}>
            <Input maxLength={60} autoComplete="off" />
          </Form.Item>
          <Form.Item name="phone" label={t('newPhone')}>
            <Input maxLength={30} autoComplete="off" />
          </Form.Item>
          <Form.Item name="address" label={t('newAddress')}>
            <Input maxLength={300} autoComplete="off" />
          </Form.Item>
        </>
      )}
      <Form.Item name="reason" label={t('reason')} rules={needed}>
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
    </FormDialog>
  );
}
