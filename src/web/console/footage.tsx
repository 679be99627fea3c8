/** 调取录像: asked for a matter, approved by two others; the recording never passes here. */

import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { matterContracts } from '../../matters/contract.ts';
import { placeContracts } from '../../places/contract.ts';
import { call } from '../ui/api.ts';
import { dateTime, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { PlaceChoice } from './place-choice.tsx';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

export function Footage() {
  const { t, language } = useWords();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const query = useQuery({ queryKey: ['footage'], queryFn: () => call(placeContracts.footage, {}) });
  const step = useSending(
    ({ row, what }: { row: { county: string; id: string }; what: 'approve' | 'refuse' | 'handed' }) =>
      call(placeContracts.stepFootage, { params: { county: row.county, id: row.id }, body: { step: what } }),
    ['footage'],
    () => {},
  );
  const decides = me.posts.some(post => post.role === 'clerk' || post.role === 'leader');
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setAsking(true)}>
          {t('askFootage')}
        </Button>
        <span className="quiet">{t('footageHint')}</span>
      </div>
      <Rows
        query={query}
        whole
        rows={data => data.rows}
        empty={t('noFootage')}
        columns={[
          { title: t('cameraOf'), dataIndex: 'name' },
          { title: t('forMatter'), dataIndex: 'number', width: 190 },
          { title: t('spanOf'), key: 's', width: 290, render: (_, f) => `${dateTime(f.from)} – ${dateTime(f.to)}` },
          { title: t('purposeOf'), dataIndex: 'purpose' },
          { title: t('who'), dataIndex: 'askedBy', width: 90 },
          { title: t('approvals'), dataIndex: 'approved', width: 80, align: 'right' },
          {
            title: t('state'),
            key: 'z',
            width: 90,
            render: (_, f) => optionName('footageState', f.state, language),
          },
          {
            title: t('action'),
            key: 'a',
            width: 190,
            render: (_, f) => (
              <>
                {f.state === 'asked' && decides && !f.mine && (
                  <>
                    <Button size="small" onClick={() => step.mutate({ row: f, what: 'approve' })}>
                      {t('approveStep')}
                    </Button>{' '}
                    <Button size="small" onClick={() => step.mutate({ row: f, what: 'refuse' })}>
                      {t('refuseStep')}
                    </Button>
                  </>
                )}
                {f.state === 'approved' && (
                  <Button size="small" onClick={() => step.mutate({ row: f, what: 'handed' })}>
                    {t('handedStep')}
                  </Button>
                )}
              </>
            ),
          },
        ]}
      />
      {asking && <AskFootage onDone={() => setAsking(false)} />}
    </>
  );
}

function AskFootage({ onDone }: { onDone(): void }) {
  const { t } = useWords();
  const me = useMe();
  const send = useSending(
    async ({
      place,
      number,
      span,
      purpose,
    }: {
      place: string;
      number: string;
      span: [Dayjs, Dayjs];
      purpose: string;
    }) => {
      const { rows } = await call(matterContracts.find, { body: { typed: number } });
      if (!rows[0]) throw new Error(t('emptyList'));
      return call(placeContracts.askFootage, {
        body: {
          id: uuid(),
          county: me.counties[0]!,
          place,
          matter: rows[0].id,
          from: span[0].valueOf(),
          to: span[1].valueOf(),
          purpose,
        },
      });
    },
    ['footage'],
    onDone,
  );
  const needed = useNeeded();
  return (
    <FormDialog title={t('askFootage')} send={send} onCancel={onDone}>
      <Form.Item name="place" label={t('cameraOf')} rules={needed}>
        <PlaceChoice kind="camera" />
      </Form.Item>
      <Form.Item name="number" label={t('forMatter')} rules={needed}>
        <Input maxLength={40} />
      </Form.Item>
      <Form.Item name="span" label={t('spanOf')} rules={needed}>
        <DatePicker.RangePicker showTime={{ format: 'HH:mm' }} />
      </Form.Item>
      <Form.Item name="purpose" label={t('purposeOf')} rules={needed}>
        <Input.TextArea rows={3} maxLength={1000} />
      </Form.Item>
    </FormDialog>
  );
}
