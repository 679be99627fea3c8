/** The desk of one mediation: sides, mediators, sittings, minutes, agreement, and what follows from it. */
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, DatePicker, Form, Input, InputNumber, Modal, QRCode, Select, Tag } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { Link } from 'wouter';
import { matterContracts, type PageShape } from '../../matters/contract.ts';
import type { Matter } from '../../matters/matter.ts';
import type { Mediation } from '../../matters/mediation.ts';
import { mediationContracts } from '../../mediation/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { Await, dateTime, messageOf, Nothing, StateTag } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { useActing } from './acting.ts';
import { After } from './mediation-after.tsx';
import { AgreementDesk } from './mediation-agreement.tsx';
import { Minutes } from './mediation-minutes.tsx';

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

type Directory = Answer<typeof mediationContracts.mediators>['mediators'];
const choiceOptions = (directory: Directory) =>
  directory.map(one => ({
    value: one.id,
    label: `${one.name}（${[...one.specialities, ...one.languages].join('、')}）`,
  }));

function Sides({ desk: { matter, read, able, names }, directory }: { desk: Desk; directory: Directory }) {
  const { t, language } = useWords();
  const { act, busy, params, renew } = useActing(matter);
  const { message } = App.useApp();
  const [refusing, setRefusing] = useState<string>();
  const [told, setTold] = useState<string[]>([]);
  const [choosing, setChoosing] = useState<{ party: string; mediators: string[] }>();
  const [link, setLink] = useState<{ name: string; url: string }>();
  const untold = matter.mediation.sides.filter(side => side.rightsAt === null).map(side => side.party);
  const makeLink = (party: string, name: string) =>
    call(mediationContracts.link, { params: { ...params, party } })
      .then(({ token }) => {
        setLink({ name, url: `${location.origin}/side#${token}` });
        renew();
      })
      .catch(error => void message.error(messageOf(error)));
  return (
    <section className="panel">
      <h2>{t('sides')}</h2>
      {matter.mediation.sides.map(side => {
        const who = read.sides.find(one => one.party === side.party);
        return (
          <div key={side.party} style={{ marginBottom: 10 }}>
            <div>
              {optionName('role', who?.role, language)} <strong>{who?.name}</strong>　
              <Tag variant="outlined">
                {side.consents === null ? '' : side.consents ? '✓ ' : '✗ '}
                {t(side.consents ? 'consents' : side.consents === false ? 'refuses' : 'consentOpen')}
              </Tag>
              <Tag variant="outlined">
                {side.rightsAt ? `${t('rightsTold')} ${dateTime(side.rightsAt)}` : t('rightsNot')}
              </Tag>
              {who?.link && <Tag variant="outlined">{t('linkMade')}</Tag>}
            </div>
            {side.choice.length > 0 && (
              <div className="quiet">
                {t('choiceOf')}：{side.choice.map(one => names.get(one)).join('、')}
              </div>
            )}
            {able.includes('sideConsent') && (
              <div className="bar" style={{ margin: '4px 0 0' }}>
                {side.consents !== true && (
                  <Button
                    size="small"
                    loading={busy}
                    onClick={() =>
                      void act({ type: 'sideConsent', data: { party: side.party, yes: true } }).catch(() => {})
                    }
                  >
                    {t('consents')}
                  </Button>
                )}
                <Button size="small" onClick={() => setRefusing(side.party)}>
                  {t('refuses')}
                </Button>
                <Button size="small" onClick={() => setChoosing({ party: side.party, mediators: side.choice })}>
                  {t('recordChoice')}
                </Button>
                <Button size="small" onClick={() => makeLink(side.party, who?.name ?? '')}>
                  {t('makeLink')}
                </Button>
              </div>
            )}
          </div>
        );
      })}
      {able.includes('tellRights') && untold.length > 0 && (
        <Button
          loading={busy}
          onClick={() => void act({ type: 'tellRights', data: { parties: untold, way: 'read' } }).catch(() => {})}
        >
          {t('tellRights')}
        </Button>
      )}
      <Modal
        open={Boolean(refusing)}
        title={t('refuses')}
        onCancel={() => setRefusing(undefined)}
        okText={t('ok')}
        cancelText={t('cancel')}
        okButtonProps={{ disabled: !told.length }}
        onOk={() =>
          void act({ type: 'sideConsent', data: { party: refusing, yes: false, routes: told } })
            .then(() => setRefusing(undefined))
            .catch(() => {})
        }
      >
        <p>{t('routesTold')}</p>
        <Checkbox.Group
          options={choices('openRoute', language)}
          value={told}
          onChange={value => setTold(value.map(String))}
        />
      </Modal>
      <Modal
        open={Boolean(choosing)}
        title={t('recordChoice')}
        onCancel={() => setChoosing(undefined)}
        okText={t('ok')}
        cancelText={t('cancel')}
        onOk={() =>
          choosing &&
          void act({ type: 'chooseMediators', data: choosing })
            .then(() => setChoosing(undefined))
            .catch(() => {})
        }
      >
        <Select
          mode="multiple"
          style={{ width: '100%' }}
          aria-label={t('choiceOf')}
          showSearch={{ optionFilterProp: 'label' }}
          value={choosing?.mediators}
          options={choiceOptions(directory)}
          onChange={mediators => choosing && setChoosing({ ...choosing, mediators })}
        />
      </Modal>
      <Modal
        open={Boolean(link)}
        title={`${t('linkOf')} ${link?.name ?? ''}`}
        onCancel={() => setLink(undefined)}
        footer={null}
      >
        {link && (
          <>
            <p className="quiet">{t('linkHint')}</p>
            <QRCode value={link.url} type="svg" />
            <Input aria-label={t('linkOf')} readOnly value={link.url} onFocus={event => event.target.select()} />
            <Button style={{ marginTop: 8 }} onClick={() => void navigator.clipboard.writeText(link.url)}>
              {t('copy')}
            </Button>
          </>
        )}
      </Modal>
    </section>
  );
}

function Mediators({ desk: { matter, able, names, read }, directory }: { desk: Desk; directory: Directory }) {
  const { t, language } = useWords();
  const { act, busy } = useActing(matter);
  const [assigned, setAssigned] = useState<string[]>([]);
  const { mediators } = matter.mediation;
  return (
    <section className="panel">
      <h2>{t('mediatorList')}</h2>
      {!mediators.length && <p className="quiet">{t('noMediators')}</p>}
      {mediators.map(one => (
        <div key={one.mediator} className="bar" style={{ marginBottom: 6 }}>
          <strong>{names.get(one.mediator)}</strong>
          <Tag variant="outlined">{optionName('appointment', one.state, language)}</Tag>
          {one.interest && <span className="late">⚠ {t('interested')}</span>}
          {able.includes('answerAppointment') && one.state === 'asked' && (
            <>
              {(['accept', 'decline'] as const).map(answer => (
                <Button
                  key={answer}
                  size="small"
                  loading={busy}
                  onClick={() =>
                    void act({ type: 'answerAppointment', data: { mediator: one.mediator, answer } }).catch(() => {})
                  }
                >
                  {t(answer === 'accept' ? 'accepts' : 'declines')}
                </Button>
              ))}
            </>
          )}
          {able.includes('answerAppointment') &&
            !one.interest &&
            (one.state === 'asked' || one.state === 'accepted') && (
              <Button
                size="small"
                onClick={() =>
                  void act({ type: 'answerAppointment', data: { mediator: one.mediator, answer: 'disclose' } }).catch(
                    () => {},
                  )
                }
              >
                {t('discloses')}
              </Button>
            )}
          {able.includes('object') &&
            (one.state === 'asked' || one.state === 'accepted') &&
            read.sides.map(side => (
              <Button
                key={side.party}
                size="small"
                onClick={() =>
                  void act({ type: 'object', data: { party: side.party, mediator: one.mediator } }).catch(() => {})
                }
              >
                {side.name} {t('objects')}
              </Button>
            ))}
        </div>
      ))}
      {able.includes('appoint') && (
        <div className="bar" style={{ marginBottom: 0 }}>
          <Select
            mode="multiple"
            aria-label={t('assign')}
            placeholder={t('assign')}
            style={{ minWidth: 260, flex: 1 }}
            showSearch={{ optionFilterProp: 'label' }}
            value={assigned}
            onChange={setAssigned}
            options={choiceOptions(directory.filter(one => !mediators.some(other => other.mediator === one.id)))}
          />
          <Button
            disabled={!assigned.length}
            loading={busy}
            onClick={() =>
              void act({ type: 'appoint', data: { mediators: assigned } })
                .then(() => setAssigned([]))
                .catch(() => {})
            }
          >
            {t('assign')}
          </Button>
        </div>
      )}
    </section>
  );
}

function Sittings({ desk: { matter, able } }: { desk: Desk }) {
  const { t, language } = useWords();
  const { act, busy } = useActing(matter);
  const [planning, setPlanning] = useState(false);
  const { sittings } = matter.mediation;
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

export const Bad = ({ error }: { error: unknown }) =>
  error ? <Alert role="alert" type="error" showIcon title={messageOf(error)} style={{ marginBottom: 8 }} /> : null;
