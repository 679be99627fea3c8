/** Being away: who acts by my post, and from when until when. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, DatePicker, Form, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { v7 as uuid } from 'uuid';
import { peopleContracts } from '../../people/contract.ts';
import { call } from '../ui/api.ts';
import { Await, messageOf, useDirectory, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';

export function Absences() {
  const { t, language } = useWords();
  const me = useMe();
  const directory = useDirectory();
  const cache = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const post = Form.useWatch('post', form);
  const query = useQuery({ queryKey: ['absences'], queryFn: () => call(peopleContracts.absences, {}) });
  const renew = () => cache.invalidateQueries({ queryKey: ['absences'] });
  const add = useMutation({
    mutationFn: ({ days, ...values }: { post: string; substitute: string; days: [Dayjs, Dayjs] }) =>
      call(peopleContracts.addAbsence, {
        body: {
          id: uuid(),
          ...values,
          from: days[0].format('YYYY-MM-DD'),
          to: days[1].add(1, 'day').format('YYYY-MM-DD'),
        },
      }),
    onSuccess: () => {
      form.resetFields();
      renew();
    },
  });
  const end = useMutation({
    mutationFn: (absence: string) => call(peopleContracts.endAbsence, { params: { absence } }),
    onSuccess: renew,
    onError: error => void message.error(messageOf(error)),
  });
  const own = me.posts.filter(one => !one.acting);
  const unit = own.find(one => one.id === post)?.unit;
  return (
    <section className="panel">
      <h2>{t('away')}</h2>
      <p className="quiet">{t('awayHint')}</p>
      <Await query={query}>
        {({ absences, colleagues }) => (
          <>
            {absences.map(absence => (
              <div key={absence.id} style={{ marginBottom: 6 }}>
                {absence.from} – {absence.to}　{absence.substituteName}{' '}
                <Button size="small" onClick={() => end.mutate(absence.id)}>
                  {t('back')}
                </Button>
              </div>
            ))}
            {!absences.length && <p>{t('nobodyAway')}</p>}
            {add.error && <Alert role="alert" type="error" showIcon title={messageOf(add.error)} />}
            <Form form={form} layout="inline" onFinish={add.mutate}>
              <Form.Item name="post" rules={[{ required: true, message: t('required') }]}>
                <Select
                  aria-label={t('posts')}
                  placeholder={t('posts')}
                  style={{ width: 240 }}
                  options={own.map(one => ({
                    value: one.id,
                    label: `${directory.unitName(one.unit)} · ${optionName('postRole', one.role, language)}`,
                  }))}
                />
              </Form.Item>
              <Form.Item name="days" rules={[{ required: true, message: t('required') }]}>
                <DatePicker.RangePicker aria-label={t('awayDays')} />
              </Form.Item>
              <Form.Item name="substitute" rules={[{ required: true, message: t('required') }]}>
                <Select
                  aria-label={t('substitute')}
                  placeholder={t('substitute')}
                  style={{ width: 160 }}
                  options={colleagues.filter(c => c.unit === unit).map(c => ({ value: c.id, label: c.name }))}
                />
              </Form.Item>
              <Button htmlType="submit" loading={add.isPending}>
                {t('save')}
              </Button>
            </Form>
          </>
        )}
      </Await>
    </section>
  );
}
