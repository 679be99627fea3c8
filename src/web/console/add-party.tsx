/** Adds somebody to a matter later: the other side, an agent, a guardian, a witness. */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import type { PartyInput } from '../../matters/actions.ts';
import { matterContracts } from '../../matters/contract.ts';
import type { Matter } from '../../matters/matter.ts';
import { call } from '../ui/api.ts';
import { messageOf } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';
import { useActing } from './acting.ts';
import { PartyRow } from './party-row.tsx';

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
