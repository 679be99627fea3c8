/** 对接与听证: what was handed to other bodies and what they say; hearings with their panel, record and opinion. */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Checkbox, DatePicker, Form, Input, InputNumber, Modal, Select, Tag } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link } from 'wouter';
import { base } from '../../kernel/contract.ts';
import type { PageShape } from '../../matters/contract.ts';
import { mediationContracts } from '../../mediation/contract.ts';
import { call } from '../ui/api.ts';
import { dateTime, messageOf, useDirectory } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { useActing } from './acting.ts';

type Saying = {
  title: string;
  send(text: string, more: { opinion?: string; name?: string; from?: string }): Promise<unknown>;
  opinion?: boolean;
  person?: boolean;
};

export function Docks({ page }: { page: PageShape }) {
  const { t, language } = useWords();
  const { matter, abilities } = page;
  const { act } = useActing(matter);
  const [handing, setHanding] = useState(false);
  const [calling, setCalling] = useState(false);
  const [saying, setSaying] = useState<Saying>();
  const able = (type: string) => abilities.includes(type);
  const mediated = matter.mediation !== null || able('mediate');
  if (!mediated && !matter.docks.length && !matter.hearings.length && !able('dock') && !able('callHearing'))
    return null;
  return (
    <section className="panel">
      {mediated && (
        <p style={{ marginTop: 0 }}>
          <Link href={`/matters/${matter.county}/${matter.id}/mediation`}>
            {t('mediationDesk')}
            {matter.mediation && `：${optionName('mediationOutcome', matter.mediation.outcome ?? 'open', language)}`}
          </Link>
        </p>
      )}
      <h2>{t('docks')}</h2>
      {matter.docks.map(dock => (
        <div key={dock.n} style={{ marginBottom: 8 }}>
          <div>
            {optionName('body', dock.body, language)} <strong>{dock.name}</strong>{' '}
            {dock.stage && optionName('stage', dock.stage, language)}{' '}
            <Tag variant="outlined">{optionName('dockState', dock.state, language)}</Tag>
          </div>
          <div className="quiet">
            {dateTime(dock.at)} {dock.dueAt !== null && `${t('replyBy')} ${dateTime(dock.dueAt)}`}{' '}
            {dock.package && (
              <a href={`${base}/matters/${matter.county}/${matter.id}/files/${dock.package.file}`}>ZIP</a>
            )}
          </div>
          {dock.dueAt !== null && able('dockStep') && (
            <div className="bar" style={{ margin: '4px 0 0' }}>
              {(dock.state === 'sent' ? (['accepted', 'refused'] as const) : (['done', 'returned'] as const)).map(
                to => (
                  <Button
                    key={to}
                    size="small"
                    onClick={() =>
                      setSaying({
                        title: `${dock.name} ${optionName('dockState', to, language)}`,
                        send: text => act({ type: 'dockStep', data: { dock: dock.n, to }, words: { text } }),
                      })
                    }
                  >
                    {optionName('dockState', to, language)}
                  </Button>
                ),
              )}
            </div>
          )}
        </div>
      ))}
      {matter.hearings.map(hearing => (
        <div key={hearing.n} style={{ marginBottom: 8 }}>
          <div>
            {t('hearing')} {dateTime(hearing.at)} {hearing.open ? t('openHearing') : t('closedDoor')}{' '}
            <Tag variant="outlined">{optionName('hearingState', hearing.state, language)}</Tag>
          </div>
          {hearing.panel.map(one => (
            <div key={one.n} className="quiet">
              {one.name} {one.from} {one.chair && `（${t('chair')}）`} {one.recused && t('recused')}
              {hearing.state === 'called' && !one.recused && able('recusePanel') && (
                <Button
                  size="small"
                  type="link"
                  onClick={() =>
                    setSaying({
                      title: `${one.name} ${t('objects')}`,
                      person: true,
                      send: (text, { name = '', from = '' }) =>
                        act({
                          type: 'recusePanel',
                          data: { hearing: hearing.n, member: one.n, name, from },
                          words: { text },
                        }),
                    })
                  }
                >
                  {t('objects')}
                </Button>
              )}
            </div>
          ))}
          {hearing.state === 'called' && able('closeHearing') && (
            <div className="bar" style={{ margin: '4px 0 0' }}>
              {(['held', 'cancelled'] as const).map(to => (
                <Button
                  key={to}
                  size="small"
                  onClick={() =>
                    setSaying({
                      title: optionName('hearingState', to, language),
                      opinion: to === 'held',
                      send: (text, { opinion }) =>
                        act({
                          type: 'closeHearing',
                          data: { hearing: hearing.n, to },
                          words: { text, ...(opinion && { opinion }) },
                        }),
                    })
                  }
                >
                  {optionName('hearingState', to, language)}
                </Button>
              ))}
            </div>
          )}
        </div>
      ))}
      <div className="bar no-print" style={{ marginBottom: 0 }}>
        {able('dock') && <Button onClick={() => setHanding(true)}>{t('handOver')}</Button>}
        {able('callHearing') && <Button onClick={() => setCalling(true)}>{t('callHearing')}</Button>}
      </div>
      {handing && <HandOver page={page} onDone={() => setHanding(false)} />}
      {calling && <CallHearing page={page} onDone={() => setCalling(false)} />}
      <Modal
        open={Boolean(saying)}
        title={saying?.title}
        footer={null}
        onCancel={() => setSaying(undefined)}
        destroyOnHidden
      >
        {saying && (
          <Form
            layout="vertical"
            onFinish={({ text, ...more }) =>
              void saying
                .send(text, more)
                .then(() => setSaying(undefined))
                .catch(() => {})
            }
          >
            {saying.person &&
              (['name', 'from'] as const).map(name => (
                <Form.Item
                  key={name}
                  name={name}
                  label={`${t('replaceWith')} ${t(name === 'name' ? 'name' : 'unit')}`}
                  rules={[{ required: true, message: t('required') }]}
                >
                  <Input maxLength={40} />
                </Form.Item>
              ))}
            <Form.Item
              name="text"
              label={t(saying.opinion ? 'hearingRecord' : 'content')}
              rules={[{ required: true, message: t('required') }]}
            >
              <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} />
            </Form.Item>
            {saying.opinion && (
              <Form.Item
                name="opinion"
                label={t('hearingOpinion')}
                rules={[{ required: true, message: t('required') }]}
              >
                <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={4000} />
              </Form.Item>
            )}
            <Button type="primary" htmlType="submit">
              {t('ok')}
            </Button>
          </Form>
        )}
      </Modal>
    </section>
  );
}

function HandOver({ page: { matter, timeline }, onDone }: { page: PageShape; onDone(): void }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const directory = useDirectory();
  const { params, renew, act } = useActing(matter);
  const [form] = Form.useForm();
  const way = Form.useWatch('way', form);
  const body = Form.useWatch('body', form);
  const nameOf = (file: string) => String(timeline.find(entry => entry.data.id === file)?.words?.text ?? 'file');
  const send = useMutation({
    mutationFn: ({
      unit,
      name,
      way: direction,
      ...values
    }: {
      way: 'in' | 'out';
      unit?: string;
      name?: string;
      body: 'court';
      days: number;
      files?: string[];
      text?: string;
      stage?: 'trial';
    }): Promise<unknown> =>
      direction === 'in'
        ? act({
            type: 'dock',
            data: {
              way: 'in',
              body: values.body,
              ...(values.stage && { stage: values.stage }),
              name: name || directory.unitName(unit ?? null),
              days: values.days,
            },
            words: values.text ? { text: values.text } : {},
          })
        : call(mediationContracts.hand, {
            params,
            body: {
              id: uuid(),
              file: uuid(),
              attach: uuid(),
              ...values,
              files: values.files ?? [],
              text: values.text ?? '',
              ...(unit && { unit }),
              name: name || directory.unitName(unit ?? null),
            },
          }),
    onSuccess: () => {
      renew();
      onDone();
    },
    onError: error => void message.error(messageOf(error), 6),
  });
  return (
    <Modal open title={t('handOver')} footer={null} onCancel={onDone}>
      <Form form={form} layout="vertical" initialValues={{ way: 'out', body: 'court', days: 3 }} onFinish={send.mutate}>
        <Form.Item name="way" label={t('inOrOut')}>
          <Select
            options={[
              { value: 'out', label: t('givenOut') },
              { value: 'in', label: t('takenIn') },
            ]}
          />
        </Form.Item>
        <Form.Item name="body" label={t('bodyOf')}>
          <Select options={choices('body', language)} />
        </Form.Item>
        {body === 'court' && (
          <Form.Item name="stage" label={t('stageOf')}>
            <Select allowClear options={choices('stage', language)} />
          </Form.Item>
        )}
        <Form.Item name="unit" label={t('unit')}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            options={directory.units.map(unit => ({ value: unit.id, label: unit.name }))}
          />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('toWhom')}
          dependencies={['unit']}
          rules={[({ getFieldValue }) => ({ required: !getFieldValue('unit'), message: t('required') })]}
        >
          <Input maxLength={100} />
        </Form.Item>
        {way !== 'in' && (
          <Form.Item name="files" label={t('chosenFiles')}>
            <Select mode="multiple" options={matter.files.map(file => ({ value: file.id, label: nameOf(file.id) }))} />
          </Form.Item>
        )}
        <Form.Item name="days" label={t('answerIn')}>
          <InputNumber min={1} max={180} />
        </Form.Item>
        <Form.Item name="text" label={t('content')}>
          <Input.TextArea maxLength={4000} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={send.isPending}>
          {t(way === 'in' ? 'takeIn' : 'handOver')}
        </Button>
      </Form>
    </Modal>
  );
}

function CallHearing({ page: { matter }, onDone }: { page: PageShape; onDone(): void }) {
  const { t } = useWords();
  const { act, busy } = useActing(matter);
  return (
    <Modal open title={t('callHearing')} footer={null} onCancel={onDone}>
      <Form
        layout="vertical"
        initialValues={{ open: true }}
        onFinish={({ at, open, panel, text }: { at: Dayjs; open: boolean; panel: string; text: string }) =>
          void act({
            type: 'callHearing',
            data: {
              at: at.valueOf(),
              open,
              panel: panel
                .split('\n')
                .map(line => line.split(/[,，、\s]+/).filter(Boolean))
                .filter(parts => parts.length)
                .map(([name = '', from = '—'], i) => ({ name, from, chair: i === 0 })),
            },
            words: { text },
          })
            .then(onDone)
            .catch(() => {})
        }
      >
        <Form.Item name="at" label={t('time')} rules={[{ required: true, message: t('required') }]}>
          <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item
          name="panel"
          label={t('panel')}
          extra={t('panelHint')}
          rules={[{ required: true, message: t('required') }]}
        >
          <Input.TextArea rows={4} />
        </Form.Item>
        <Form.Item name="open" valuePropName="checked">
          <Checkbox>{t('openHearing')}</Checkbox>
        </Form.Item>
        <Form.Item name="text" label={t('content')} rules={[{ required: true, message: t('required') }]}>
          <Input.TextArea maxLength={4000} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={busy}>
          {t('callHearing')}
        </Button>
      </Form>
    </Modal>
  );
}
