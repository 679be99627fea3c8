import { Button, Checkbox, Input, Select } from 'antd';
import { useState } from 'react';
import type { PartyInput } from '../../matters/actions.ts';
import { useDirectory } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { CardReader } from './reader.tsx';

/** One person or organisation of a matter: the usual three fields, and the rest one key away. */
export function PartyRow({
  party,
  others,
  onChange,
  onRemove,
}: {
  party: PartyInput;
  others: PartyInput[];
  onChange(party: PartyInput): void;
  onRemove: (() => void) | undefined;
}) {
  const { t, language } = useWords();
  const directory = useDirectory();
  const [open, setOpen] = useState(false);
  const set = (changes: Partial<PartyInput>) => onChange({ ...party, ...changes });
  const acting = ['representative', 'agent', 'guardian'].includes(party.role);
  return (
    <div className="party">
      <Select
        aria-label={t('role')}
        value={party.role}
        onChange={role => set({ role })}
        options={choices('role', language) as { value: PartyInput['role']; label: string }[]}
      />
      <Input
        aria-label={t('phone')}
        placeholder={t('phone')}
        inputMode="tel"
        value={party.phone}
        maxLength={40}
        disabled={party.anonymous}
        onChange={event => set({ phone: event.target.value || undefined })}
      />
      <Input
        aria-label={t('name')}
        placeholder={t('name')}
        value={party.name}
        maxLength={100}
        disabled={party.anonymous}
        onChange={event => set({ name: event.target.value || undefined })}
      />
      <span style={{ display: 'flex', gap: 4, alignItems: 'center' }}>
        <Checkbox checked={party.anonymous} onChange={event => set({ anonymous: event.target.checked })}>
          {t('anonymous')}
        </Checkbox>
        <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('furtherFields')}
        </Button>
        {onRemove && (
          <Button size="small" onClick={onRemove}>
            {t('removeParty')}
          </Button>
        )}
      </span>
      {open && (
        <div className="more">
          <CardReader onCard={({ name, identity, address }) => set({ name, identity, address })} />
          <Input
            aria-label={t('identity')}
            placeholder={t('identity')}
            value={party.identity}
            maxLength={18}
            onChange={event => set({ identity: event.target.value || undefined })}
          />
          <Input
            aria-label={t('address')}
            placeholder={t('address')}
            value={party.address}
            maxLength={300}
            onChange={event => set({ address: event.target.value || undefined })}
          />
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            aria-label={t('ownUnit')}
            placeholder={t('ownUnit')}
            value={party.unit}
            onChange={unit => set({ unit })}
            options={directory.units.map(u => ({ value: u.id, label: u.name }))}
          />
          {acting && (
            <Select
              allowClear
              aria-label={t('actsFor')}
              placeholder={t('actsFor')}
              value={party.actsFor}
              onChange={actsFor => set({ actsFor })}
              options={others
                .filter(p => p.id !== party.id)
                .map(p => ({ value: p.id, label: p.name ?? optionName('role', p.role, language) }))}
            />
          )}
          <Input
            aria-label={t('safePhone')}
            placeholder={`${t('safeContact')}：${t('safePhone')}`}
            value={party.safe?.phone}
            onChange={event => set({ safe: { ...party.safe, phone: event.target.value || undefined } })}
          />
          <Input
            aria-label={t('safeWhen')}
            placeholder={`${t('safeContact')}：${t('safeWhen')}`}
            value={party.safe?.when}
            onChange={event => set({ safe: { ...party.safe, when: event.target.value || undefined } })}
          />
          <Input
            aria-label={t('safeNever')}
            placeholder={`${t('safeContact')}：${t('safeNever')}`}
            value={party.safe?.never}
            onChange={event => set({ safe: { ...party.safe, never: event.target.value || undefined } })}
          />
        </div>
      )}
    </div>
  );
}
