/** Both sides with their consent, rights and links; the mediators they chose or were given. */
import { App, Button, Checkbox, Input, Modal, QRCode, Select, Tag } from 'antd';
import { useState } from 'react';
import { mediationContracts } from '../../mediation/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { dateTime, messageOf } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { useActing } from './acting.ts';
import type { Desk } from './mediation.tsx';

type Directory = Answer<typeof mediationContracts.mediators>['mediators'];
const choiceOptions = (directory: Directory) =>
  directory.map(one => ({
    value: one.id,
    label: `${one.name}（${[...one.specialities, ...one.languages].join('、')}）`,
  }));

export function Sides({ desk: { matter, read, able, names }, directory }: { desk: Desk; directory: Directory }) {
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

export function Mediators({ desk: { matter, able, names, read }, directory }: { desk: Desk; directory: Directory }) {
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
