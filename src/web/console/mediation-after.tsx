/** After an agreement: performance, judicial confirmation, the dossier. */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, InputNumber, Modal, Select, Table, Upload } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { owedOf, yuan } from '../../matters/agreement.ts';
import { mediationContracts } from '../../mediation/contract.ts';
import { call, download, urlOf } from '../ui/api.ts';
import { dateTime, messageOf } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { useActing } from './acting.ts';
import type { Desk } from './mediation.tsx';

export function After({ desk }: { desk: Desk }) {
  const { agreement, outcome } = desk.matter.mediation;
  return (
    <>
      {agreement?.inForceAt && outcome === 'agreed' && <Performance desk={desk} />}
      {agreement?.inForceAt && <Confirmation desk={desk} />}
      <DossierPanel desk={desk} />
    </>
  );
}

function Performance({ desk: { matter, read, able } }: { desk: Desk }) {
  const { t, language } = useWords();
  const { act, busy } = useActing(matter);
  const [paying, setPaying] = useState<{ clause: number; instalment: number; yuan: number | null }>();
  const [broken, setBroken] = useState<{ clause: number; instalment: number; next: string; text: string }>();
  const { mediation } = matter;
  const agreement = mediation.agreement!;
  const nameOf = (party: string) => read.sides.find(side => side.party === party)?.name ?? '';
  const rows = agreement.clauses.flatMap((clause, c) =>
    clause.kind === 'pay'
      ? clause.instalments.map((one, i) => ({
          key: `${c}/${i}`,
          clause: c,
          instalment: i,
          who: `${nameOf(clause.from)} → ${nameOf(clause.to)}`,
          due: one.due,
          fen: one.fen,
          owed: owedOf(agreement, mediation.payments, c, i),
          breach: mediation.breaches.find(other => other.clause === c && other.instalment === i),
        }))
      : [],
  );
  if (!rows.length) return null;
  return (
    <section className="panel">
      <h2>{t('performance')}</h2>
      <Table
        size="small"
        pagination={false}
        dataSource={rows}
        columns={[
          { title: `${t('payer')} → ${t('payee')}`, dataIndex: 'who', width: 150 },
          { title: t('dueDate'), dataIndex: 'due', width: 104 },
          { title: t('yuan'), key: 'y', align: 'right', width: 92, render: (_, row) => yuan(row.fen) },
          {
            title: t('owed'),
            key: 'o',
            align: 'right',
            width: 100,
            render: (_, row) => (row.owed ? yuan(row.owed) : '✓'),
          },
          {
            title: t('action'),
            key: 'a',
            width: 180,
            render: (_, row) =>
              row.breach ? (
                `${t('breachOf')} · ${optionName('breachNext', row.breach.next, language)}`
              ) : row.owed > 0 ? (
                <>
                  {able.includes('pay') && (
                    <Button size="small" onClick={() => setPaying({ ...row, yuan: row.owed / 100 })}>
                      {t('recordPay')}
                    </Button>
                  )}{' '}
                  {able.includes('breach') && (
                    <Button size="small" onClick={() => setBroken({ ...row, next: 'mediation', text: '' })}>
                      {t('breachOf')}
                    </Button>
                  )}
                </>
              ) : null,
          },
        ]}
      />
      <Modal
        open={Boolean(paying)}
        title={t('recordPay')}
        onCancel={() => setPaying(undefined)}
        okText={t('save')}
        cancelText={t('cancel')}
        okButtonProps={{ disabled: !paying?.yuan, loading: busy }}
        onOk={() =>
          paying &&
          void act({
            type: 'pay',
            data: {
              clause: paying.clause,
              instalment: paying.instalment,
              fen: Math.round(paying.yuan! * 100),
              at: Date.now(),
            },
          })
            .then(() => setPaying(undefined))
            .catch(() => {})
        }
      >
        <InputNumber
          aria-label={t('yuan')}
          min={0.01}
          precision={2}
          value={paying?.yuan ?? null}
          onChange={value => paying && setPaying({ ...paying, yuan: value })}
          style={{ width: 200 }}
        />
      </Modal>
      <Modal
        open={Boolean(broken)}
        title={t('breachOf')}
        onCancel={() => setBroken(undefined)}
        okText={t('save')}
        cancelText={t('cancel')}
        okButtonProps={{ disabled: !broken?.text.trim(), loading: busy }}
        onOk={() =>
          broken &&
          void act({
            type: 'breach',
            data: { clause: broken.clause, instalment: broken.instalment, next: broken.next },
            words: { text: broken.text },
          })
            .then(() => setBroken(undefined))
            .catch(() => {})
        }
      >
        {broken && (
          <div style={{ display: 'grid', gap: 8 }}>
            <Select
              aria-label={t('nextWay')}
              value={broken.next}
              onChange={next => setBroken({ ...broken, next })}
              options={choices('breachNext', language)}
            />
            <Input.TextArea
              aria-label={t('reason')}
              placeholder={t('reason')}
              value={broken.text}
              onChange={event => setBroken({ ...broken, text: event.target.value })}
            />
          </div>
        )}
      </Modal>
    </section>
  );
}

function Confirmation({ desk: { matter, read, able } }: { desk: Desk }) {
  const { t, language } = useWords();
  const { act, busy } = useActing(matter);
  const { confirmation } = matter.mediation;
  return (
    <section className="panel">
      <h2>{t('confirmation')}</h2>
      {read.confirmBy && !confirmation && (
        <p className="quiet">
          {t('confirmBy')} {dateTime(read.confirmBy)}
        </p>
      )}
      {confirmation && (
        <p>
          {confirmation.court}　{dateTime(confirmation.at)}　
          <strong>
            {confirmation.result ? optionName('confirmResult', confirmation.result, language) : t('waiting')}
          </strong>{' '}
          {confirmation.number}
        </p>
      )}
      {able.includes('askConfirmation') && (
        <Form
          layout="vertical"
          initialValues={{ court: read.courts[0]?.name, together: false, bars: [] }}
          onFinish={data => void act({ type: 'askConfirmation', data }).catch(() => {})}
        >
          <Form.Item name="court" label={t('court')} rules={[{ required: true, message: t('required') }]}>
            <Select options={read.courts.map(one => ({ value: one.name, label: one.name }))} />
          </Form.Item>
          <Form.Item name="together" valuePropName="checked">
            <Checkbox>{t('together')}</Checkbox>
          </Form.Item>
          <Form.Item name="bars" label={t('barsOf')}>
            <Checkbox.Group options={choices('bar', language)} />
          </Form.Item>
          <Button htmlType="submit" loading={busy}>
            {t('askConfirm')}
          </Button>
        </Form>
      )}
      {able.includes('confirmed') && confirmation && (
        <Form
          layout="vertical"
          initialValues={{ result: 'confirmed' }}
          onFinish={({ result, number }) =>
            void act({ type: 'confirmed', data: { result, at: Date.now(), ...(number && { number }) } }).catch(() => {})
          }
        >
          <Form.Item name="result" label={t('courtResult')}>
            <Select options={choices('confirmResult', language)} />
          </Form.Item>
          <Form.Item name="number" label={t('caseNumber')}>
            <Input maxLength={80} />
          </Form.Item>
          <Button htmlType="submit" loading={busy}>
            {t('save')}
          </Button>
        </Form>
      )}
    </section>
  );
}

function DossierPanel({ desk: { matter, read, able } }: { desk: Desk }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const { params, renew, act, attach } = useActing(matter);
  const [years, setYears] = useState<number | null>(10);
  const [why, setWhy] = useState('');
  const { dossier } = matter.mediation;
  const file = useMutation({
    mutationFn: () =>
      call(mediationContracts.file, { params, body: { id: uuid(), file: uuid(), attach: uuid(), years } }),
    onSuccess: ({ number }) => {
      void message.success(number);
      renew();
    },
    onError: error => void message.error(messageOf(error), 8),
  });
  return (
    <section className="panel">
      <h2>{t('dossier')}</h2>
      {dossier && (
        <p>
          {t('dossierNumber')} <strong>{dossier.number}</strong>　{dateTime(dossier.at)}
        </p>
      )}
      <ol style={{ paddingLeft: 24, margin: '0 0 8px' }}>
        {read.parts.map(part => (
          <li key={part.part}>
            {optionName('partOfDossier', part.part, language)}{' '}
            {part.must && <span className="quiet">★ {t('must')}</span>}{' '}
            <span className={part.state === 'missing' ? 'late' : 'quiet'}>
              {part.state === 'missing' ? '⚠ ' : ''}
              {optionName('partStateName', part.state, language)}
            </span>
            {part.state === 'made' && part.part !== 'note' && part.part !== 'back' && (
              <Button
                size="small"
                type="link"
                aria-label={`Word ${optionName('partOfDossier', part.part, language)}`}
                onClick={() => download(urlOf(mediationContracts.part.path, { ...params, part: part.part }))}
              >
                Word
              </Button>
            )}
            {able.includes('attach') && !dossier?.file && part.state !== 'made' && (
              <Upload
                showUploadList={false}
                accept="image/png,image/jpeg,application/pdf"
                beforeUpload={chosen => {
                  attach(chosen, part.part).catch(error => void message.error(messageOf(error)));
                  return false;
                }}
              >
                <Button
                  size="small"
                  type="link"
                  aria-label={`${t('addFile')} ${optionName('partOfDossier', part.part, language)}`}
                >
                  {t('addFile')}
                </Button>
              </Upload>
            )}
          </li>
        ))}
      </ol>
      <div className="bar">
        <Button onClick={() => download(urlOf(mediationContracts.dossier.path, params))}>{t('previewDossier')}</Button>
        {able.includes('fileDossier') && (
          <>
            <InputNumber
              aria-label={t('keepYears')}
              placeholder={t('keepYears')}
              min={5}
              max={100}
              value={years}
              onChange={setYears}
              style={{ width: 200 }}
            />
            <Button type="primary" loading={file.isPending} onClick={() => file.mutate()}>
              {t('fileDossier')}
            </Button>
          </>
        )}
      </div>
      {able.includes('openDossier') && (
        <div className="bar">
          <Input
            aria-label={t('reason')}
            placeholder={t('reason')}
            value={why}
            onChange={event => setWhy(event.target.value)}
            style={{ width: 260 }}
          />
          <Button
            disabled={!why.trim()}
            onClick={() =>
              void act({ type: 'openDossier', words: { text: why } })
                .then(() => setWhy(''))
                .catch(() => {})
            }
          >
            {t('reopenDossier')}
          </Button>
        </div>
      )}
    </section>
  );
}
