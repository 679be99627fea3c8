import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Select, Table, Typography } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { workingRoles } from '../../matters/policy.ts';
import { peopleContracts } from '../../people/contract.ts';
import { call } from '../ui/api.ts';
import { AskFirst, Await, dateTime, messageOf, Nothing, useDirectory } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { type Person, PersonPick } from './person-pick.tsx';

type Scope = 'read' | 'write' | 'open311' | 'calls';

export default function Tokens() {
  const { t, language } = useWords();
  const { message, modal } = App.useApp();
  const directory = useDirectory();
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [post, setPost] = useState<string>();
  const [scopes, setScopes] = useState<Scope[]>(['read']);
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: () => call(peopleContracts.tokens, {}) });
  const renew = () => cache.invalidateQueries({ queryKey: ['tokens'] });
  const fail = (error: unknown) => void message.error(messageOf(error));
  const add = useMutation({
    mutationFn: () =>
      call(peopleContracts.addToken, {
        body: { id: uuid(), name, post: post!, scopes },
      }),
    onSuccess: ({ token }) => {
      setName('');
      renew();
      modal.info({
        width: 560,
        title: t('tokenOnce'),
        content: (
          <Typography.Text copyable code>
            {token}
          </Typography.Text>
        ),
        okText: t('ok'),
      });
    },
    onError: fail,
  });
  const end = useMutation({
    mutationFn: (token: string) => call(peopleContracts.endToken, { params: { token } }),
    onSuccess: renew,
    onError: fail,
  });
  const postName = (unit: string, role: Person['posts'][number]['role']) =>
    `${directory.unitName(unit)} · ${optionName('postRole', role, language)}`;
  return (
    <>
      <h1 style={{ fontSize: 18, marginTop: 0 }}>{t('tokens')}</h1>
      <div className="bar">
        <Input
          aria-label={t('tokenName')}
          placeholder={t('tokenName')}
          value={name}
          maxLength={80}
          onChange={event => setName(event.target.value)}
          style={{ width: 200 }}
        />
        <PersonPick
          aria-label={t('tokenPost')}
          placeholder={t('tokenPost')}
          {...(post && { value: post })}
          onChange={setPost}
          choices={person =>
            person.posts
              .filter(p => !p.valid_to && workingRoles.includes(p.role))
              .map(p => ({ value: p.id, label: `${person.name} · ${postName(p.unit, p.role)}` }))
          }
          style={{ width: 380 }}
        />
        <Select
          aria-label={t('tokenScopes')}
          mode="multiple"
          value={scopes}
          onChange={setScopes}
          options={choices('tokenScope', language) as { value: Scope; label: string }[]}
          style={{ minWidth: 180 }}
        />
        <Button
          type="primary"
          disabled={!name.trim() || !post || !scopes.length}
          loading={add.isPending}
          onClick={() => add.mutate()}
        >
          {t('addToken')}
        </Button>
      </div>
      <Await query={tokens}>
        {data => (
          <Table
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={data.tokens}
            locale={{ emptyText: <Nothing title={t('noTokens')} hint={t('noTokensHint')} /> }}
            columns={[
              { title: t('tokenName'), dataIndex: 'name' },
              { title: t('tokenPost'), key: 'p', render: (_, x) => `${x.holder} · ${postName(x.unit, x.role)}` },
              {
                title: t('tokenScopes'),
                key: 's',
                width: 140,
                render: (_, x) => x.scopes.map(scope => optionName('tokenScope', scope, language)).join('、'),
              },
              {
                title: t('expires'),
                key: 'e',
                width: 150,
                render: (_, x) => (x.ended_at ? t('ended') : dateTime(x.expires_at)),
              },
              {
                title: t('action'),
                key: 'x',
                width: 90,
                render: (_, x) =>
                  !x.ended_at && (
                    <AskFirst title={`${t('endSession')} ${x.name}`} onConfirm={() => end.mutate(x.id)}>
                      {t('endSession')}
                    </AskFirst>
                  ),
              },
            ]}
          />
        )}
      </Await>
    </>
  );
}
