/** Adds somebody to a matter later (the other side, an agent, a guardian, a witness), and puts right what was written down of somebody. */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import type { PartyInput, PartyRef } from '../../matters/actions.ts';
import { matterContracts } from '../../matters/contract.ts';
import type { Matter } from '../../matters/matter.ts';
import { call } from '../ui/api.ts';
import { messageOf } from '../ui/pieces.tsx';
import { optionName, useWords } from '../ui/words.ts';
import { useActing } from './acting.ts';
import { PartyRow } from './party-row.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

export function AddParty({ matter }: { matter: Matter }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const { params, renew } = useActing(matter);
  const [party, setParty] = useState<PartyInput>();
  const [reason, setReason] = useState('');
  const add = useMutation({
    mutationFn: (given: PartyInput) =>
      call(matterContracts.addParty, { params, body: { action: uuid(), party: given, reason } }),
    onSuccess: () => {
      setParty(undefined);
      setReason('');
      renew();
    },
    onError: error => void message.error(messageOf(error), 6),
  });
  return (
    <>
      <Button
        size="small"
        className="no-print"
        onClick={() => setParty({ id: uuid(), role: 'respondent', anonymous: false })}
      >
        {t('addParty')}
      </Button>
      <Modal
        open={Boolean(party)}
        width={760}
        title={t('addParty')}
        onCancel={() => setParty(undefined)}
        okText={t('save')}
        cancelText={t('cancel')}
        okButtonProps={{
          disabled: reason.trim().length < 2 || !(party?.name || party?.anonymous),
          loading: add.isPending,
        }}
        onOk={() => party && add.mutate(party)}
      >
        {party && (
          <PartyRow
            party={party}
            others={matter.parties.map(one => ({ id: one.id, role: one.role, name: one.name, anonymous: false }))}
            onChange={setParty}
            onRemove={undefined}
          />
        )}
        <Input
          aria-label={t('reason')}
          placeholder={t('reason')}
          value={reason}
          onChange={event => setReason(event.target.value)}
          style={{ marginTop: 8 }}
        />
      </Modal>
    </>
  );
}

/** What each field of the form is called in the request. */
const ownFields = { name: 'name', phone: 'phone', identity: 'identity', address: 'address' } as const;
const safeFields = { safePhone: 'phone', safeWhen: 'when', safeNever: 'never' } as const;
type Key = keyof typeof ownFields | keyof typeof safeFields;
type Typed = Partial<Record<Key, string>>;
/** What may stand there wrongly without anybody knowing what is right: a stranger's telephone is not called again. */
const removable = ['phone', 'identity', 'address'] as const;
const keys = Object.keys({ ...ownFields, ...safeFields }) as Key[];
const filled = (typed: Typed, names: object) =>
  Object.fromEntries(
    Object.entries(names).flatMap(([key, name]) => {
      const value = typed[key as Key]?.trim();
      return value ? [[name, value]] : [];
    }),
  );

/** What is left empty stays as it is: clear data is not fetched for it. */
export function CorrectParty({
  matter,
  party,
  masked,
}: {
  matter: Matter;
  party: PartyRef;
  masked: { phone: string | null; identity: string | null } | undefined;
}) {
  const { t, language } = useWords();
  const { params, renew } = useActing(matter);
  const required = useNeeded();
  const [open, setOpen] = useState(false);
  const send = useSending(
    ({ reason, gone = [], ...typed }: Typed & { reason: string; gone?: (typeof removable)[number][] }) => {
      const safe = filled(typed, safeFields);
      const changes = {
        ...Object.fromEntries(gone.map(field => [field, null])),
        ...filled(typed, ownFields),
        ...(Object.keys(safe).length && { safe }),
      };
      return call(matterContracts.correctParty, {
        params: { ...params, party: party.id },
        body: { action: uuid(), changes, reason },
      });
    },
    [],
    () => {
      setOpen(false);
      renew();
    },
  );
  const now: Typed = { name: party.name, phone: masked?.phone ?? '', identity: masked?.identity ?? '' };
  return (
    <>
      <Button size="small" type="link" className="no-print" onClick={() => setOpen(true)}>
        {t('correctParty')}
      </Button>
      {open && (
        <FormDialog
          title={`${t('correctParty')} · ${optionName('role', party.role, language)} ${party.name}`}
          send={send}
          width={680}
          onCancel={() => setOpen(false)}
        >
          <p className="quiet">{t('correctPartyHint')}</p>
          <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', columnGap: 12 }}>
            {keys.map(key => (
              <Form.Item
                key={key}
                name={key}
                label={key in safeFields ? `${t('safeContact')}：${t(key)}` : t(key)}
                style={{ marginBottom: 12 }}
              >
                <Input placeholder={now[key] ?? ''} maxLength={key === 'address' ? 300 : 100} />
              </Form.Item>
            ))}
          </div>
          <Form.Item name="gone" label={t('takeAway')}>
            <Checkbox.Group options={removable.map(value => ({ value, label: t(value) }))} />
          </Form.Item>
          <Form.Item name="reason" label={t('reason')} rules={required}>
            <Input maxLength={500} />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}
