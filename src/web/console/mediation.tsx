/** The desk of one mediation: sides, mediators, sittings, minutes, agreement, and what follows from it. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Checkbox, DatePicker, Form, Input, InputNumber, Select, Tag } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { Link } from 'wouter';
import { matterContracts, type PageShape } from '../../matters/contract.ts';
import type { Matter } from '../../matters/matter.ts';
import type { Mediation } from '../../matters/mediation.ts';
import { mediationContracts } from '../../mediation/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, dateTime, Nothing, StateTag } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { useActing } from './acting.ts';
import { After } from './mediation-after.tsx';
import { AgreementDesk } from './mediation-agreement.tsx';
import { Minutes } from './mediation-minutes.tsx';
import { Mediators, Sides } from './mediation-sides.tsx';

export type Read = Answer<typeof mediationContracts.one>;
export type Mediated = Matter & { mediation: Mediation };
export type Desk = { matter: Mediated; read: Read; able: readonly string[]; names: Map<string, string> };

export default function MediationDesk({ county, id }: { county: string; id: string }) {
  const page = useQuery({
    queryKey: ['matter', county, id],
    queryFn: () => call(matterContracts.page, { params: { county, id } }),
    refetchInterval: 4000,
  });
  return (
    <Await query={page}>{data => (data.matter.mediation ? <Running page={data} /> : <Begin page={data} />)}</Await>
  );
}

function Head({ page, children }: { page: PageShape; children?: React.ReactNode }) {
  const { t } = useWords();
  const { matter } = page;
  return (
    <div className="bar">
      <h1 style={{ fontSize: 18, margin: 0 }}>{t('mediationDesk')}</h1>
      <Link href={`/matters/${matter.county}/${matter.id}`}>{matter.number}</Link>
      <span>{page.summary}</span>
      <StateTag state={matter.state} />
      {children}
    </div>
  );
}

function Begin({ page }: { page: PageShape }) {
  const { t, language } = useWords();
  const { act, busy } = useActing(page.matter);
  const committees = useQuery({ queryKey: ['committees'], queryFn: () => call(mediationContracts.committees, {}) });
  const [form] = Form.useForm();
  const basis = Form.useWatch('basis', form);
  return (
    <>
      <Head page={page} />
      <section className="panel">
        <h2>{t('beginMediation')}</h2>
        {page.abilities.includes('mediate') ? (
          <Form
            form={form}
            layout="vertical"
            initialValues={{ basis: 'application' }}
            onFinish={data => void act({ type: 'mediate', data }).catch(() => {})}
          >
            <Form.Item name="basis" label={t('basisOf')}>
              <Select options={choices('basis', language)} />
            </Form.Item>
            {basis === 'referred' && (
              <Form.Item name="referredBy" label={t('referredBy')} rules={[{ required: true, message: t('required') }]}>
                <Select options={choices('body', language)} />
              </Form.Item>
            )}
            <Form.Item name="committee" label={t('committee')} rules={[{ required: true, message: t('required') }]}>
              <Select
                showSearch={{ optionFilterProp: 'label' }}
                options={(committees.data?.committees ?? []).map(one => ({
                  value: one.unit,
                  label: `${one.name} ${'★'.repeat(one.stars)}`,
                }))}
              />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={busy}>
              {t('beginMediation')}
            </Button>
          </Form>
        ) : (
          <Nothing title={t('emptyList')} hint="" />
        )}
      </section>
    </>
  );
}

function Running({ page }: { page: PageShape }) {
  const { t, language } = useWords();
  const matter = page.matter as Mediated;
  const { county, id, seq } = matter;
  const read = useQuery({
    // Read again only when something was done: each reading is on record.
    queryKey: ['mediation', county, id, seq],
    queryFn: () => call(mediationContracts.one, { params: { county, id } }),
    placeholderData: previous => previous,
  });
  const mediators = useQuery({ queryKey: ['mediators'], queryFn: () => call(mediationContracts.mediators, {}) });
  const names = new Map((mediators.data?.mediators ?? []).map(one => [one.id, one.name]));
  const { outcome } = matter.mediation;
  return (
    <>
      <Head page={page}>
        <Tag variant="outlined">{optionName('mediationOutcome', outcome ?? 'open', language)}</Tag>
        {page.abilities.includes('mediate') && outcome && <Again matter={matter} />}
      </Head>
      <Await query={read}>
        {data => {
          const desk: Desk = { matter, read: data, able: page.abilities, names };
          return (
            <div className="two">
              <div>
                <Sides desk={desk} directory={mediators.data?.mediators ?? []} />
                <Mediators desk={desk} directory={mediators.data?.mediators ?? []} />
                <Sittings desk={desk} />
                <Minutes desk={desk} />
              </div>
              <div>
                <AgreementDesk desk={desk} />
                <End desk={desk} />
                <After desk={desk} />
              </div>
            </div>
          );
        }}
      </Await>
      <p className="quiet">
        {t('basisOf')}：{optionName('basis', matter.mediation.basis, language)}　{dateTime(matter.mediation.at)}
      </p>
    </>
  );
}

/** After an end another may begin: with the same committee, of its own motion. */
function Again({ matter }: { matter: Mediated }) {
  const { t } = useWords();
  const { act, busy } = useActing(matter);
  return (
    <Button
      loading={busy}
      onClick={() =>
        void act({ type: 'mediate', data: { basis: 'own', committee: matter.mediation.committee } }).catch(() => {})
      }
    >
      {t('beginMediation')}
    </Button>
  );
}

function Sittings({ desk: { matter, able, names } }: { desk: Desk }) {
  const { t, language } = useWords();
  const { act, busy } = useActing(matter);
  const [planning, setPlanning] = useState(false);
  const [form] = Form.useForm();
  const when = Form.useWatch<Dayjs | undefined>('at', form);
  const { sittings } = matter.mediation;
  const day = when?.startOf('day').valueOf();
  const planned = useQuery({
    queryKey: ['sittings', day],
    queryFn: () => call(mediationContracts.sittings, { query: { from: day!, to: day! + 86_400_000 } }),
    enabled: planning && day !== undefined,
  });
  const others = (planned.data?.sittings ?? []).filter(one => one.id !== matter.id);
  return (
    <section className="panel">
      <h2>{t('sittings')}</h2>
      {!sittings.length && <p className="quiet">{t('noSittings')}</p>}
      {sittings.map(one => (
        <div key={one.n} className="bar" style={{ marginBottom: 6 }}>
          <span>
            {one.n}．{dateTime(one.at)} {optionName('sittingWay', one.way, language)} {one.room}{' '}
            {one.closed && t('closedDoor')}
          </span>
          <Tag variant="outlined">{optionName('sittingState', one.state, language)}</Tag>
          {one.state === 'planned' &&
            able.includes('endSitting') &&
            (['held', 'adjourned', 'cancelled'] as const).map(to => (
              <Button
                key={to}
                size="small"
                loading={busy}
                onClick={() => void act({ type: 'endSitting', data: { sitting: one.n, to } }).catch(() => {})}
              >
                {t(to === 'held' ? 'held' : to === 'adjourned' ? 'adjourn' : 'cancelSitting')}
              </Button>
            ))}
        </div>
      ))}
      {able.includes('planSitting') && !planning && (
        <Button onClick={() => setPlanning(true)}>{t('planSitting')}</Button>
      )}
      {planning && (
        <Form
          form={form}
          layout="vertical"
          initialValues={{ way: 'room', lasts: 120 }}
          onFinish={({
            at,
            room,
            ...rest
          }: {
            at: Dayjs;
            room?: string;
            way: string;
            lasts: number;
            closed?: boolean;
          }) =>
            void act({
              type: 'planSitting',
              data: { ...rest, at: at.valueOf(), ...(room && { room }), closed: Boolean(rest.closed) },
            })
              .then(() => setPlanning(false))
              .catch(() => {})
          }
        >
          <div className="pair">
            <Form.Item name="at" label={t('time')} rules={[{ required: true, message: t('required') }]}>
              <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
            </Form.Item>
            <Form.Item name="way" label={t('formOf')}>
              <Select options={choices('sittingWay', language)} />
            </Form.Item>
            <Form.Item name="room" label={t('room')}>
              <Input maxLength={60} />
            </Form.Item>
            <Form.Item name="lasts" label={t('lasts')}>
              <InputNumber min={10} max={1440} style={{ width: '100%' }} />
            </Form.Item>
          </div>
          {others.length > 0 && (
            <Alert
              type="warning"
              showIcon
              style={{ marginBottom: 8 }}
              title={`${t('busyThen')}：${others.map(one => `${dateTime(one.at).slice(11)} ${one.room ?? ''} ${one.mediators.map(id => names.get(id) ?? '').join('、')}`).join('；')}`}
            />
          )}
          <Form.Item name="closed" valuePropName="checked">
            <Checkbox>{t('closedDoor')}</Checkbox>
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={busy}>
            {t('planSitting')}
          </Button>{' '}
          <Button onClick={() => setPlanning(false)}>{t('cancel')}</Button>
        </Form>
      )}
    </section>
  );
}

function End({ desk: { matter, able } }: { desk: Desk }) {
  const { t, language } = useWords();
  const { act, busy } = useActing(matter);
  const [told, setTold] = useState<string[]>([]);
  if (!able.includes('endMediation')) return null;
  const ready = Boolean(matter.mediation.agreement?.inForceAt);
  return (
    <section className="panel">
      <h2>{t('endMediation')}</h2>
      {ready ? (
        <Button
          type="primary"
          loading={busy}
          onClick={() => void act({ type: 'endMediation', data: { outcome: 'agreed' } }).catch(() => {})}
        >
          {optionName('mediationOutcome', 'agreed', language)}
        </Button>
      ) : (
        <>
          <div>{t('routesTold')}</div>
          <Checkbox.Group
            options={choices('openRoute', language)}
            value={told}
            onChange={value => setTold(value.map(String))}
          />
          <div className="bar" style={{ margin: '8px 0 0' }}>
            <Button
              disabled={!told.length}
              loading={busy}
              onClick={() =>
                void act({ type: 'endMediation', data: { outcome: 'failed', routes: told } }).catch(() => {})
              }
            >
              {optionName('mediationOutcome', 'failed', language)}
            </Button>
            <Button
              loading={busy}
              onClick={() => void act({ type: 'endMediation', data: { outcome: 'withdrawn' } }).catch(() => {})}
            >
              {optionName('mediationOutcome', 'withdrawn', language)}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
