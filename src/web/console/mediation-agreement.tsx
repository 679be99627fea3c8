/** The agreement: clauses with money and dates, what is still missing until it is in force, and every signature with its own date. */
import { CloseOutlined } from '@ant-design/icons';
import { Alert, App, Button, DatePicker, Form, Input, InputNumber, Modal, Select, Table, Upload } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { type Clause, type Signer, sameSigner, sumOf, yuan } from '../../matters/agreement.ts';
import { sittingMediators } from '../../matters/mediation.ts';
import { SignaturePad } from '../ui/pad.tsx';
import { dateTime, messageOf } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { useActing } from './acting.ts';
import type { Desk } from './mediation.tsx';

type Line = {
  kind: 'pay' | 'do';
  text: string;
  from?: string;
  to?: string;
  by?: string;
  until?: Dayjs | null;
  instalments?: { due: Dayjs; yuan: number }[];
};
const fenOf = (amount: number) => Math.round(amount * 100);
const clauseOf = (line: Line): Clause => {
  if (line.kind === 'do') return { kind: 'do', by: line.by ?? null, until: line.until?.format('YYYY-MM-DD') ?? null };
  const instalments = (line.instalments ?? []).map(one => ({
    due: one.due.format('YYYY-MM-DD'),
    fen: fenOf(one.yuan),
  }));
  const fen = instalments.reduce((sum, one) => sum + one.fen, 0);
  return { kind: 'pay', from: line.from!, to: line.to!, fen, instalments };
};

export function AgreementDesk({ desk }: { desk: Desk }) {
  const { t, language } = useWords();
  const [writing, setWriting] = useState(false);
  const { matter, read, able } = desk;
  const { agreement } = matter.mediation;
  const nameOf = (party: string | null) => read.sides.find(side => side.party === party)?.name ?? '';
  const canWrite = able.includes('writeAgreement') && !agreement?.inForceAt;
  return (
    <section className="panel">
      <h2>{t('agreementOf')}</h2>
      {agreement && read.agreement && !writing && (
        <>
          <p className="narrative">{read.agreement.text}</p>
          {agreement.clauses.map((clause, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a clause is its place in the agreement
            <div key={i} style={{ margin: '8px 0' }}>
              <div>
                {i + 1}．{read.agreement!.clauses[i]}
              </div>
              {clause.kind === 'pay' ? (
                <Table
                  size="small"
                  pagination={false}
                  rowKey="n"
                  dataSource={clause.instalments.map((one, n) => ({ ...one, n: n + 1 }))}
                  columns={[
                    { title: t('payer'), key: 'f', render: () => nameOf(clause.from) },
                    { title: t('payee'), key: 't', render: () => nameOf(clause.to) },
                    { title: t('dueDate'), dataIndex: 'due' },
                    { title: t('yuan'), key: 'y', align: 'right', render: (_, one) => yuan(one.fen) },
                  ]}
                  summary={() => (
                    <Table.Summary.Row>
                      <Table.Summary.Cell index={0} colSpan={3}>
                        {t('total')}
                      </Table.Summary.Cell>
                      <Table.Summary.Cell index={1} align="right">
                        {yuan(clause.fen)}
                      </Table.Summary.Cell>
                    </Table.Summary.Row>
                  )}
                />
              ) : (
                <div className="quiet">
                  {nameOf(clause.by)} {clause.until && `${t('until')} ${clause.until}`}
                </div>
              )}
            </div>
          ))}
          <p>
            {optionName('agreementForm', agreement.form, language)}　{t('total')} {yuan(sumOf(agreement.clauses))}
          </p>
          {agreement.inForceAt ? (
            <Alert
              type="success"
              showIcon
              title={`${t('inForceFrom')} ${dateTime(agreement.inForceAt)}`}
              style={{ marginBottom: 8 }}
            />
          ) : (
            <Alert
              type="info"
              showIcon
              style={{ marginBottom: 8 }}
              title={`${t('missingOf')}：${read.missing.map(one => (one.as === 'side' ? nameOf(one.party ?? null) : t(one.as === 'mediator' ? 'mediatorList' : 'sealNow'))).join('、')}`}
            />
          )}
          <Signatures desk={desk} />
        </>
      )}
      {writing ? (
        <Editor desk={desk} onDone={() => setWriting(false)} />
      ) : (
        canWrite && <Button onClick={() => setWriting(true)}>{t(agreement ? 'rewrite' : 'writeAgreement')}</Button>
      )}
    </section>
  );
}

function Editor({ desk: { matter, read }, onDone }: { desk: Desk; onDone(): void }) {
  const { t, language } = useWords();
  const { act, busy } = useActing(matter);
  const [form] = Form.useForm();
  const lines = Form.useWatch<Partial<Line>[] | undefined>('lines', form) ?? [];
  const sides = read.sides.map(side => ({ value: side.party, label: side.name }));
  const total = lines.reduce(
    (sum, line) => sum + (line?.instalments ?? []).reduce((all, one) => all + fenOf(one?.yuan ?? 0), 0),
    0,
  );
  const old = matter.mediation.agreement;
  const needed = [{ required: true, message: t('required') }];
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={{
        form: old?.form ?? 'written',
        text: read.agreement?.text ?? '',
        lines: old?.clauses.map((clause, i) =>
          clause.kind === 'pay'
            ? {
                ...clause,
                text: read.agreement?.clauses[i],
                instalments: clause.instalments.map(one => ({ due: dayjs(one.due), yuan: one.fen / 100 })),
              }
            : { ...clause, text: read.agreement?.clauses[i], until: clause.until ? dayjs(clause.until) : null },
        ) ?? [{ kind: 'pay', instalments: [{}] }],
      }}
      onFinish={(values: { form: 'written' | 'oral'; text: string; lines: Line[] }) =>
        void act({
          type: 'writeAgreement',
          data: { form: values.form, clauses: values.lines.map(clauseOf) },
          words: { text: values.text, clauses: values.lines.map(line => line.text) },
        })
          .then(onDone)
          .catch(() => {})
      }
    >
      <Form.Item name="form" label={t('formOf')}>
        <Select options={choices('agreementForm', language)} />
      </Form.Item>
      <Form.Item name="text" label={t('factsOf')} rules={needed}>
        <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} maxLength={20000} />
      </Form.Item>
      <Form.List name="lines">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name }) => {
              const kind = lines[name]?.kind ?? 'pay';
              return (
                <fieldset key={key} className="clause" aria-label={`${t('clause')} ${name + 1}`}>
                  <legend>
                    {t('clause')} {name + 1}
                  </legend>
                  <Form.Item name={[name, 'text']} label={t('clauseText')} rules={needed}>
                    <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={4000} />
                  </Form.Item>
                  <div className="pair">
                    <Form.Item name={[name, 'kind']} label={t('kind')}>
                      <Select options={choices('clauseKind', language)} />
                    </Form.Item>
                    {kind === 'pay' ? (
                      <>
                        <Form.Item name={[name, 'from']} label={t('payer')} rules={needed}>
                          <Select options={sides} />
                        </Form.Item>
                        <Form.Item name={[name, 'to']} label={t('payee')} rules={needed}>
                          <Select options={sides} />
                        </Form.Item>
                      </>
                    ) : (
                      <>
                        <Form.Item name={[name, 'by']} label={t('whoDoes')}>
                          <Select allowClear options={sides} />
                        </Form.Item>
                        <Form.Item name={[name, 'until']} label={t('until')}>
                          <DatePicker style={{ width: '100%' }} />
                        </Form.Item>
                      </>
                    )}
                  </div>
                  {kind === 'pay' && (
                    <Form.List name={[name, 'instalments']}>
                      {(parts, list) => (
                        <>
                          {parts.map(part => (
                            <div key={part.key} className="bar">
                              <span>
                                {t('instalments')} {part.name + 1}
                              </span>
                              <Form.Item name={[part.name, 'due']} noStyle rules={needed}>
                                <DatePicker aria-label={`${t('dueDate')} ${part.name + 1}`} />
                              </Form.Item>
                              <Form.Item name={[part.name, 'yuan']} noStyle rules={needed}>
                                <InputNumber
                                  aria-label={`${t('yuan')} ${part.name + 1}`}
                                  placeholder={t('yuan')}
                                  min={0.01}
                                  precision={2}
                                  style={{ width: 140 }}
                                />
                              </Form.Item>
                              <Button
                                size="small"
                                aria-label={`${t('removeLine')} ${part.name + 1}`}
                                onClick={() => list.remove(part.name)}
                              >
                                <CloseOutlined />
                              </Button>
                            </div>
                          ))}
                          <Button size="small" onClick={() => list.add({})}>
                            {t('addInstalment')}
                          </Button>
                        </>
                      )}
                    </Form.List>
                  )}
                  <div style={{ textAlign: 'right' }}>
                    <Button size="small" onClick={() => remove(name)}>
                      {t('removeLine')} {name + 1}
                    </Button>
                  </div>
                </fieldset>
              );
            })}
            <div className="bar">
              <Button onClick={() => add({ kind: 'pay', instalments: [{}] })}>{t('addClause')}</Button>
              <strong>
                {t('total')} {yuan(total)}
              </strong>
            </div>
          </>
        )}
      </Form.List>
      <Button type="primary" htmlType="submit" loading={busy}>
        {t('writeAgreement')}
      </Button>{' '}
      <Button onClick={onDone}>{t('cancel')}</Button>
    </Form>
  );
}

/** Each who must sign: their hand on the screen, a scan of the paper, the seal; with the date that stands on it. */
function Signatures({ desk: { matter, read, able, names } }: { desk: Desk }) {
  const { t } = useWords();
  const { act, attach, busy } = useActing(matter);
  const { message } = App.useApp();
  const [signing, setSigning] = useState<{ signer: Signer; label: string }>();
  const [png, setPng] = useState<string>();
  const [scan, setScan] = useState<File>();
  const [at, setAt] = useState<Dayjs>(dayjs());
  const [scanned, setScanned] = useState<'paper' | 'fingerprint'>('paper');
  const [place, setPlace] = useState('');
  const agreement = matter.mediation.agreement!;
  const oral = agreement.form === 'oral';
  const signers: { signer: Signer; label: string }[] = [
    ...read.sides.map(side => ({ signer: { as: 'side' as const, party: side.party }, label: side.name })),
    ...sittingMediators(matter.mediation).map(mediator => ({
      signer: { as: 'mediator' as const, mediator },
      label: names.get(mediator) ?? '',
    })),
    ...(oral ? [] : [{ signer: { as: 'seal' as const }, label: t('sealNow') }]),
  ];
  const signed = (signer: Signer) => agreement.signatures.find(one => sameSigner(one.signer, signer));
  const sign = async (signer: Signer, way: string, file?: string) => {
    const moment = at.isSame(dayjs(), 'day') ? Date.now() : at.hour(12).valueOf();
    await act({ type: 'signAgreement', data: { signer, way, at: moment, hash: agreement.hash, ...(file && { file }) } })
      .then(() => setSigning(undefined))
      .catch(() => {});
  };
  const confirm = async () => {
    if (!signing) return;
    try {
      const bytes = png && Uint8Array.from(atob(png), c => c.charCodeAt(0));
      const file = scan ?? (bytes ? new File([bytes], `${signing.label}.png`, { type: 'image/png' }) : undefined);
      if (!file) return;
      await sign(
        signing.signer,
        scan ? scanned : 'screen',
        await attach(file, scan && scanned === 'paper' ? 'agreement' : undefined),
      );
    } catch (error) {
      void message.error(messageOf(error));
    }
  };
  return (
    <div>
      {signers.map(({ signer, label }) => {
        const one = signed(signer);
        return (
          <div key={JSON.stringify(signer)} className="bar" style={{ marginBottom: 6 }}>
            <span style={{ minWidth: 120 }}>{label}</span>
            {one ? (
              <span>
                ✓ {t('signedOn')} {dateTime(one.at)}
              </span>
            ) : (
              able.includes('signAgreement') && (
                <Button
                  size="small"
                  loading={busy}
                  aria-label={`${label} ${t('signNow')}`}
                  onClick={() => {
                    setPng(undefined);
                    setScan(undefined);
                    setAt(dayjs());
                    if (oral) void sign(signer, signer.as === 'side' ? 'oral' : 'record');
                    else setSigning({ signer, label });
                  }}
                >
                  {t(
                    oral
                      ? signer.as === 'side'
                        ? 'orally'
                        : 'recordOral'
                      : signer.as === 'seal'
                        ? 'sealNow'
                        : 'signNow',
                  )}
                </Button>
              )
            )}
          </div>
        );
      })}
      {able.includes('keepPaper') && agreement.inForceAt && (
        <div className="bar">
          <Input
            aria-label={t('paperAt')}
            placeholder={agreement.paperAt ?? t('paperAt')}
            value={place}
            onChange={event => setPlace(event.target.value)}
            style={{ width: 260 }}
          />
          <Button
            disabled={!place.trim()}
            onClick={() =>
              void act({ type: 'keepPaper', data: { place } })
                .then(() => setPlace(''))
                .catch(() => {})
            }
          >
            {t('save')}
          </Button>
          {agreement.paperAt && <span className="quiet">{agreement.paperAt}</span>}
        </div>
      )}
      <Modal
        open={Boolean(signing)}
        title={`${signing?.label ?? ''} ${t('signNow')}`}
        onCancel={() => setSigning(undefined)}
        okText={t(signing?.signer.as === 'seal' ? 'sealNow' : 'signNow')}
        cancelText={t('cancel')}
        okButtonProps={{ disabled: signing?.signer.as !== 'seal' && !png && !scan, loading: busy }}
        onOk={() => void (signing?.signer.as === 'seal' ? sign(signing.signer, 'seal') : confirm())}
        destroyOnHidden
      >
        <div style={{ display: 'grid', gap: 10 }}>
          <div>
            {t('signedOn')}{' '}
            <DatePicker
              aria-label={t('signedOn')}
              value={at}
              maxDate={dayjs()}
              allowClear={false}
              onChange={day => day && setAt(day)}
            />
          </div>
          {signing?.signer.as !== 'seal' && (
            <>
              <div>{t('signPad')}</div>
              <SignaturePad label={t('signPad')} again={t('clearPad')} onChange={setPng} />
              <Upload
                maxCount={1}
                accept="image/png,image/jpeg,application/pdf"
                onRemove={() => setScan(undefined)}
                beforeUpload={file => {
                  setScan(file);
                  return false;
                }}
              >
                <Button>{t('scanOf')}</Button>
              </Upload>
              {scan && signing?.signer.as === 'side' && (
                <Select
                  aria-label={t('kind')}
                  value={scanned}
                  onChange={setScanned}
                  options={[
                    { value: 'paper', label: t('signedPaper') },
                    { value: 'fingerprint', label: t('fingerprint') },
                  ]}
                />
              )}
            </>
          )}
        </div>
      </Modal>
    </div>
  );
}
