import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Table } from 'antd';
import { peopleContracts } from '../../people/contract.ts';
import { call } from '../ui/api.ts';
import { Await, dateTime, messageOf, useDirectory, useMe } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { Absences } from './absences.tsx';
import { Addresses, Factors } from './factors.tsx';
import { Phones } from './phones.tsx';
import { PasswordForm } from './sign-in.tsx';

export default function Account() {
  const { t, language } = useWords();
  const me = useMe();
  const directory = useDirectory();
  const cache = useQueryClient();
  const { message } = App.useApp();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => call(peopleContracts.sessions, {}) });
  const end = useMutation({
    mutationFn: (session: string) => call(peopleContracts.endSession, { params: { session } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['sessions'] }),
    onError: error => void message.error(messageOf(error)),
  });
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('account')}</h1>
      <section className="panel">
        <h2>
          {me.name}（{me.login}）
        </h2>
        {me.posts.map(post => (
          <div key={post.id}>
            {directory.unitName(post.unit)} · {optionName('postRole', post.role, language)}
            {post.needToKnow && ` · ${t('needToKnow')}`}
            {post.acting && ` · ${t('actingFor')}`}
          </div>
        ))}
      </section>
      <Absences />
      <Factors />
      <Addresses />
      <Phones />
      <section className="panel">
        <h2>{t('sessions')}</h2>
        <Await query={sessions}>
          {data => (
            <Table
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={data.sessions}
              columns={[
                { title: t('browser'), dataIndex: 'agent', ellipsis: true },
                { title: t('network'), dataIndex: 'address', width: 140 },
                { title: t('since'), key: 'c', width: 150, render: (_, s) => dateTime(s.created_at) },
                { title: t('lastSeen'), key: 's', width: 150, render: (_, s) => dateTime(s.seen_at) },
                {
                  title: t('action'),
                  key: 'e',
                  width: 100,
                  render: (_, s) =>
                    s.current ? (
                      t('currentSession')
                    ) : (
                      <Button size="small" onClick={() => end.mutate(s.id)}>
                        {t('endSession')}
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </Await>
      </section>
      <div style={{ marginTop: 12 }}>
        <PasswordForm onDone={() => void message.success(t('done'))} />
      </div>
    </>
  );
}
