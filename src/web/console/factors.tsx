/** Second factors: setting them up in one's account, and where notices go. */
import { startRegistration } from '@simplewebauthn/browser';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Modal, Typography } from 'antd';
import { useState } from 'react';
import { renderSVG } from 'uqr';
import { channelContracts } from '../../channels/contract.ts';
import { peopleContracts } from '../../people/contract.ts';
import { call } from '../ui/api.ts';
import { Await, dateTime, messageOf } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

export function Factors({ first, onDone }: { first?: boolean; onDone?: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const query = useQuery({ queryKey: ['factors'], queryFn: () => call(peopleContracts.factors, {}) });
  const [asking, setAsking] = useState<'totp' | 'passkey' | { drop: { totp?: boolean; passkey?: string } }>();
  const [begun, setBegun] = useState<{ uri: string; ticket: string }>();
  const done = () => {
    cache.invalidateQueries({ queryKey: ['factors'] });
    onDone?.();
  };
  const prove = useSending(
    async ({ password, name }: { password: string; name?: string }) => {
      if (asking === 'totp') setBegun(await call(peopleContracts.beginCode, { body: { password } }));
      else if (asking === 'passkey') {
        const { options, ticket } = await call(peopleContracts.beginPasskey, { body: { password } });
        const response = await startRegistration({ optionsJSON: options as never });
        await call(peopleContracts.addPasskey, {
          body: { ticket, name: name?.trim() || '1', response: response as never },
        });
        done();
      } else if (asking) {
        await call(peopleContracts.dropFactor, { body: { password, ...asking.drop } });
        done();
      }
    },
    [],
    () => setAsking(undefined),
  );
  return (
    <section className="panel">
      <h2>{t('factorsOf')}</h2>
      {first && <Alert type="info" showIcon title={t('mustProveHint')} style={{ marginBottom: 12 }} />}
      <Await query={query}>
        {data => (
          <>
            <div className="bar">
              {t('totpOf')}：{data.totp ? t('inUse') : t('notInUse')}
              {data.totp ? (
                <Button size="small" onClick={() => setAsking({ drop: { totp: true } })}>
                  {t('dropIt')}
                </Button>
              ) : (
                <Button size="small" type="primary" onClick={() => setAsking('totp')}>
                  {t('setTotp')}
                </Button>
              )}
            </div>
            <div className="bar">
              {t('passkeysOf')}：
              <Button
                size="small"
                onClick={() =>
                  'PublicKeyCredential' in window ? setAsking('passkey') : void message.info(t('noPasskeys'))
                }
              >
                {t('addPasskey')}
              </Button>
            </div>
            {data.passkeys.map(key => (
              <div key={key.id}>
                {key.name} <span className="quiet">{dateTime(key.usedAt ?? key.madeAt)}</span>{' '}
                <Button size="small" onClick={() => setAsking({ drop: { passkey: key.id } })}>
                  {t('dropIt')}
                </Button>
              </div>
            ))}
          </>
        )}
      </Await>
      {asking && <Prove send={prove} passkey={asking === 'passkey'} onCancel={() => setAsking(undefined)} />}
      {begun && (
        <Enrol
          begun={begun}
          onCancel={() => setBegun(undefined)}
          onDone={() => {
            setBegun(undefined);
            done();
          }}
          onWrong={error => message.error(messageOf(error))}
        />
      )}
    </section>
  );
}

function Prove({
  send,
  passkey,
  onCancel,
}: {
  send: { mutate(values: { password: string; name?: string }): void; isPending: boolean };
  passkey: boolean;
  onCancel(): void;
}) {
  const { t } = useWords();
  const needed = useNeeded();
  return (
    <FormDialog title={t('yourPassword')} send={send} onCancel={onCancel}>
      <Form.Item name="password" label={t('yourPassword')} rules={needed}>
        <Input.Password autoComplete="current-password" autoFocus />
      </Form.Item>
      {passkey && (
        <Form.Item name="name" label={t('passkeyName')} rules={needed}>
          <Input maxLength={40} />
        </Form.Item>
      )}
    </FormDialog>
  );
}

function Enrol({
  begun,
  onCancel,
  onDone,
  onWrong,
}: {
  begun: { uri: string; ticket: string };
  onCancel(): void;
  onDone(): void;
  onWrong(error: unknown): void;
}) {
  const { t } = useWords();
  const secret = new URL(begun.uri).searchParams.get('secret') ?? '';
  const finish = async ({ code }: { code: string }) =>
    call(peopleContracts.setCode, { body: { ticket: begun.ticket, code } }).then(onDone, onWrong);
  return (
    <Modal open title={t('setTotp')} footer={null} onCancel={onCancel}>
      <p>{t('totpScan')}</p>
      <img
        alt={t('setTotp')}
        width={200}
        src={`data:image/svg+xml,${encodeURIComponent(renderSVG(begun.uri, { border: 2 }))}`}
      />
      <Typography.Text copyable code>
        {secret}
      </Typography.Text>
      <Form layout="vertical" onFinish={finish}>
        <Form.Item
          name="code"
          label={t('totpCode')}
          rules={[{ required: true, pattern: /^\d{6}$/, message: t('totpCode') }]}
        >
          <Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
        </Form.Item>
        <Button type="primary" htmlType="submit">
          {t('ok')}
        </Button>
      </Form>
    </Modal>
  );
}

/** Where I want to be told: WeCom, mail, SMS. */
export function Addresses() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const query = useQuery({ queryKey: ['addresses'], queryFn: () => call(channelContracts.addresses, {}) });
  const set = useSending(
    async (values: Partial<Record<'email' | 'sms' | 'wecom', string>>) => {
      for (const channel of ['wecom', 'email', 'sms'] as const)
        await call(channelContracts.setAddress, { params: { channel }, body: { to: values[channel] ?? '' } });
      message.success(t('savedIt'));
    },
    ['addresses'],
    () => {},
  );
  return (
    <section className="panel">
      <h2>{t('noticeTo')}</h2>
      <Await query={query}>
        {data => (
          <Form
            layout="inline"
            onFinish={set.mutate}
            initialValues={Object.fromEntries(data.addresses.map(one => [one.channel, one.to]))}
          >
            {(['wecom', 'email', 'sms'] as const).map(channel => (
              <Form.Item key={channel} name={channel} label={optionName('channelName', channel, language)}>
                <Input maxLength={200} autoComplete="off" />
              </Form.Item>
            ))}
            <Button htmlType="submit" loading={set.isPending}>
              {t('saveIt')}
            </Button>
          </Form>
        )}
      </Await>
    </section>
  );
}
