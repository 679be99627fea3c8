/** 以案定补: each month's batch with its lines, grounds, appeals; review by another, approval by two, then the list. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Input, InputNumber, Modal, Table } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { yuan } from '../../matters/agreement.ts';
import { mediationContracts } from '../../mediation/contract.ts';
import { Rates } from '../../mediation/register.ts';
import { type Answer, call, download, urlOf } from '../ui/api.ts';
import { Await, messageOf, Nothing, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';

type Batch = Answer<typeof mediationContracts.pay>['batches'][number];
type Line = Batch['lines'][number];

export function Pay() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const me = useMe();
  const cache = useQueryClient();
  const leads = me.posts.some(post => post.role === 'leader');
  // The county's business: a county's region code ends in six zeros.
  const pays = me.posts.some(post => post.oversees.some(code => code.endsWith('000000')));
  const [month, setMonth] = useState<Dayjs>(dayjs());
  const [about, setAbout] = useState<{ batch: string; line: Line; text: string; fen: number | null }>();
  const query = useQuery({ queryKey: ['pay'], queryFn: () => call(mediationContracts.pay, {}) });
  const renew = () => cache.invalidateQueries({ queryKey: ['pay'] });
  const doing = useMutation({
    mutationFn: (work: () => Promise<unknown>) => work(),
    onSuccess: () => {
      setAbout(undefined);
      renew();
    },
    onError: error => void message.error(messageOf(error), 6),
  });
  const step = (batch: Batch, what: 'review' | 'approve' | 'paid') =>
    doing.mutate(() => call(mediationContracts.stepPay, { params: { id: batch.id, step: what } }));
  const next = { computed: 'review', reviewed: 'approve', approved: 'paid', paid: undefined } as const;
  const words = { review: 'review', approve: 'approve', paid: 'markPaid' } as const;
  return (
    <>
      {pays && (
        <div className="bar">
          <DatePicker.MonthPicker
            aria-label={t('month')}
            value={month}
            allowClear={false}
            onChange={value => value && setMonth(value)}
          />
          <Button
            type="primary"
            loading={doing.isPending}
            onClick={() =>
              doing.mutate(() =>
                call(mediationContracts.computePay, { body: { id: uuid(), month: month.format('YYYY-MM') } }),
              )
            }
          >
            {t('compute')}
          </Button>
        </div>
      )}
      <Await query={query}>
        {data => {
          const rates = Rates.parse(data.rates);
          return (
            <>
              <p className="quiet">
                {rates.basis}（{rates.version}）：{optionName('agreementForm', 'written', language)}{' '}
                {yuan(rates.written)}，{optionName('agreementForm', 'oral', language)} {yuan(rates.oral)}，
                {t('confirmation')} +{yuan(rates.confirmed)}
              </p>
              {!data.batches.length && <Nothing title={t('noPay')} hint="" />}
              {data.batches.map(batch => {
                const what = next[batch.state];
                return (
                  <section key={batch.id} className="panel">
                    <div className="bar">
                      <strong>{batch.month}</strong>
                      <span>{optionName('payState', batch.state, language)}</span>
                      <span>
                        {t('total')} {yuan(batch.lines.reduce((sum, line) => sum + line.fen, 0))}
                      </span>
                      {pays && what && (what !== 'approve' || leads) && (
                        <Button size="small" type="primary" loading={doing.isPending} onClick={() => step(batch, what)}>
                          {t(words[what])}
                        </Button>
                      )}
                      {pays && (
                        <Button
                          size="small"
                          onClick={() => download(urlOf(mediationContracts.payLedger.path, { id: batch.id }))}
                        >
                          {t('payList')}
                        </Button>
                      )}
                    </div>
                    <Table
                      size="small"
                      rowKey={line => `${line.matter}${line.n}${line.mediator}`}
                      pagination={false}
                      dataSource={batch.lines}
                      columns={[
                        { title: t('name'), dataIndex: 'name', width: 110 },
                        { title: t('dossierNumber'), dataIndex: 'number' },
                        {
                          title: t('groundsOf'),
                          key: 'g',
                          render: (_, { grounds }) =>
                            grounds.civil
                              ? t('civilServant')
                              : `${yuan(grounds.base)} + ${t('grade')} ${yuan(grounds.grade)} + ${t('confirmation')} ${yuan(grounds.confirmed)} ÷ ${grounds.shared}`,
                        },
                        { title: t('yuan'), key: 'y', width: 110, align: 'right', render: (_, line) => yuan(line.fen) },
                        {
                          title: t('appeal'),
                          key: 'a',
                          width: 280,
                          render: (_, line) => (
                            <>
                              {line.appeal && (
                                <div>
                                  {line.appeal} → {line.ruling ?? t('waiting')}
                                </div>
                              )}
                              {(batch.state === 'computed' || batch.state === 'reviewed') && (
                                <Button
                                  size="small"
                                  onClick={() =>
                                    setAbout({
                                      batch: batch.id,
                                      line,
                                      text: '',
                                      fen: line.appeal && !line.ruling ? line.fen / 100 : null,
                                    })
                                  }
                                >
                                  {t(line.appeal && !line.ruling ? 'ruleAppeal' : 'appeal')}
                                </Button>
                              )}
                            </>
                          ),
                        },
                      ]}
                    />
                  </section>
                );
              })}
            </>
          );
        }}
      </Await>
      <Modal
        open={Boolean(about)}
        title={t(about?.fen === null ? 'appeal' : 'ruleAppeal')}
        onCancel={() => setAbout(undefined)}
        okText={t('ok')}
        cancelText={t('cancel')}
        okButtonProps={{ disabled: !about?.text.trim(), loading: doing.isPending }}
        onOk={() =>
          about &&
          doing.mutate(() =>
            call(mediationContracts.appealPay, {
              params: { id: about.batch },
              body: {
                matter: about.line.matter,
                n: about.line.n,
                mediator: about.line.mediator,
                text: about.text,
                ...(about.fen !== null && { fen: Math.round(about.fen * 100) }),
              },
            }),
          )
        }
      >
        {about && (
          <div style={{ display: 'grid', gap: 8 }}>
            <Input.TextArea
              aria-label={t('reason')}
              placeholder={t('reason')}
              value={about.text}
              onChange={event => setAbout({ ...about, text: event.target.value })}
            />
            {about.fen !== null && (
              <InputNumber
                aria-label={t('yuan')}
                min={0}
                precision={2}
                value={about.fen}
                onChange={fen => setAbout({ ...about, fen })}
              />
            )}
          </div>
        )}
      </Modal>
    </>
  );
}
