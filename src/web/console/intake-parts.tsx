/** Pieces of the intake form: a suggestion with its grounds, the search of places, the urgent button's window. */
import { Button, Modal, Select } from 'antd';
import { useState } from 'react';
import { minuteOf } from '../../matters/clocks.ts';
import { regionContracts } from '../../regions/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { useDirectory } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { SearchSelect } from './search-select.tsx';

type Region = Answer<typeof regionContracts.search>['regions'][number];
export type Place = { code: string; label: string; grid: string | null; path: string[] };

const numbers: Record<string, string[]> = {
  violence: ['110', '120', '12338'],
  'self-harm': ['120', '110', '12355'],
  child: ['110', '12355', '12338'],
};

export function Hint({
  label,
  grounds,
  used,
  keys,
  onUse,
}: {
  label: string;
  grounds: string[];
  used?: boolean;
  /** The keys that take it up. */
  keys?: string;
  onUse?: () => void;
}) {
  const { t } = useWords();
  return (
    <div style={{ marginBottom: 8 }}>
      <div>
        {label}{' '}
        {used ? (
          <span className="quiet">✓ {t('taken')}</span>
        ) : (
          onUse && (
            <Button size="small" onClick={onUse}>
              {t('accept1')}
              {keys && ` ${keys}`}
            </Button>
          )
        )}
      </div>
      <div className="ground">
        {t('grounds')}：{grounds.join('；')}
      </div>
    </div>
  );
}

/** The search of regions by pinyin or characters, as a field of a form. */
export function PlaceSearch({
  value,
  onChange,
  ...field
}: {
  id?: string;
  value?: Place | undefined;
  onChange?(place: Place): void;
}) {
  const { t } = useWords();
  const directory = useDirectory();
  const chosen = value && { value: value.grid ?? value.code, label: value.label };
  return (
    <SearchSelect<Region>
      {...field}
      aria-label={t('place')}
      placeholder={t('placeSearch')}
      name={['regions', 'search']}
      typing
      find={async q =>
        (await call(regionContracts.search, { query: { q } })).regions.filter(one => one.level !== 'city')
      }
      choices={one => [
        { value: one.code, label: `${one.name}（${directory.placeName(one.path.slice(0, -1)) || one.code}）` },
      ]}
      {...(chosen && { value: chosen.value, known: chosen })}
      onPick={(_, one) => {
        if (!one) return;
        const grid = one.level === 'grid';
        onChange?.({
          code: grid ? one.parent! : one.code,
          grid: grid ? one.code : null,
          label: one.name,
          path: one.path,
        });
      }}
    />
  );
}

export function Urgent({
  open,
  alarm,
  onClose,
  onTold,
}: {
  open: boolean;
  alarm: 'violence' | 'self-harm' | 'child' | undefined;
  onClose(): void;
  onTold(value: { danger: 'violence' | 'self-harm' | 'child'; told: { who: string; at: number }[] }): void;
}) {
  const { t, language } = useWords();
  const [danger, setDanger] = useState<'violence' | 'self-harm' | 'child'>();
  const [told, setTold] = useState<{ who: string; at: number }[]>([]);
  const which = danger ?? alarm ?? 'violence';
  return (
    <Modal
      open={open}
      title={t('urgentTitle')}
      onCancel={onClose}
      okText={t('ok')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !told.length }}
      onOk={() => onTold({ danger: which, told })}
    >
      <Select
        aria-label={t('urgent')}
        style={{ width: '100%' }}
        value={which}
        onChange={setDanger}
        options={choices('danger', language) as { value: 'violence' | 'self-harm' | 'child'; label: string }[]}
      />
      <p className="late" style={{ fontSize: 18, margin: '12px 0 8px' }}>
        {t('callNow')}
      </p>
      <div style={{ display: 'grid', gap: 8 }}>
        {[...numbers[which]!, 'leader', 'family'].map(who => {
          const done = told.find(line => line.who === who);
          return (
            <Button
              key={who}
              size="large"
              disabled={Boolean(done)}
              onClick={() => setTold([...told, { who, at: Date.now() }])}
            >
              {optionName('whoTold', who, language)} {done ? `✓ ${t('told')} ${minuteOf(done.at).slice(-5)}` : ''}
            </Button>
          );
        })}
      </div>
    </Modal>
  );
}
