/** 毗邻协议: the standing agreements by which matters across a border are shared. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, DatePicker, Form, Input } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { v7 as uuid } from 'uuid';
import { supervisionContracts } from '../../supervision/contract.ts';
import { call } from '../ui/api.ts';
import { messageOf } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';

type Draft = { neighbour: string; title: string; terms: string; from: Dayjs };

export function Agreements() {
  const { t } = useWords();
  const cache = useQueryClient();
  const [form] = Form.useForm<Draft>();
  const query = useQuery({ queryKey: ['agreements'], queryFn: () => call(supervisionContracts.agreements, {}) });
  const add = useMutation({
    mutationFn: (draft: Draft) =>
      call(supervisionContracts.addAgreement, {
        body: { id: uuid(), ...draft, from: draft.from.format('YYYY-MM-DD') },
      }),
    onSuccess: () => {
      form.resetFields();
      cache.invalidateQueries({ queryKey: ['agreements'] });
    },
  });
  const required = [{ required: true, message: t('required') }];
  return (
    <>
      <Rows
        query={query}
        whole
        rows={data => data.agreements}
        empty={t('noAgreements')}
        columns={[
          { title: t('neighbour'), dataIndex: 'neighbour', width: 180 },
          { title: t('title'), dataIndex: 'title', width: 260 },
          { title: t('terms'), dataIndex: 'terms' },
          { title: t('from'), dataIndex: 'from', width: 110 },
          { title: t('to'), dataIndex: 'to', width: 110 },
        ]}
      />
      <section className="panel" style={{ marginTop: 12, maxWidth: 720 }}>
        <h2>{t('addAgreement')}</h2>
        {add.error && <Alert role="alert" type="error" showIcon title={messageOf(add.error)} />}
        <Form form={form} layout="vertical" onFinish={add.mutate} initialValues={{ from: dayjs() }}>
          <Form.Item name="neighbour" label={t('neighbour')} rules={required}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="title" label={t('title')} rules={required}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item name="terms" label={t('terms')} rules={required}>
            <Input.TextArea rows={4} maxLength={4000} />
          </Form.Item>
          <Form.Item name="from" label={t('effectiveFrom')} rules={required}>
            <DatePicker />
          </Form.Item>
          <Button htmlType="submit" loading={add.isPending}>
            {t('save')}
          </Button>
        </Form>
      </section>
    </>
  );
}
