/** 执法证: the officers who may order to rectify. */

import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { placeContracts } from '../../places/contract.ts';
import { call } from '../ui/api.ts';
import { useMe } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

export function Certificates() {
  const { t } = useWords();
  const me = useMe();
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ['certificates'], queryFn: () => call(placeContracts.certificates, {}) });
  const send = useSending(
    ({ until, ...rest }: { login: string; number: string; until: Dayjs }) =>
      call(placeContracts.addCertificate, { body: { ...rest, until: until.format('YYYY-MM-DD') } }),
    ['certificates'],
    () => setAdding(false),
  );
  const needed = useNeeded();
  return (
    <>
      {me.posts.some(post => post.role === 'leader') && (
        <div className="bar">
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('addCertificate')}
          </Button>
        </div>
      )}
      <Rows
        query={query}
        rowKey="number"
        whole
        rows={data => data.rows}
        empty={t('noCertificates')}
        columns={[
          { title: t('name'), dataIndex: 'name' },
          { title: t('certificateNumber'), dataIndex: 'number' },
          { title: t('endsOn'), dataIndex: 'until' },
        ]}
      />
      {adding && (
        <FormDialog title={t('addCertificate')} send={send} onCancel={() => setAdding(false)}>
          <Form.Item name="login" label={t('login')} rules={needed}>
            <Input maxLength={60} autoComplete="off" />
          </Form.Item>
          <Form.Item name="number" label={t('certificateNumber')} rules={needed}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="until" label={t('endsOn')} rules={needed}>
            <DatePicker />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}
