/** Pieces of the intake form: a suggestion with its grounds, the search of places, the urgent button's window. */
import { useQuery } from '@tanstack/react-query';
import { Button, Modal, Select } from 'antd';
import { useCallback, useEffect, useRef, useState } from 'react';
import { minuteOf } from '../../matters/clocks.ts';
import { regionContracts } from '../../regions/contract.ts';
import { call } from '../ui/api.ts';
import { useDirectory } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';

export type Place = { code: string; label: string; grid: string | null; path: string[] };

/** A value that follows another after it has rested. */
export function useRested<T>(value: T, ms: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return rested;
}

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

export function PlaceSearch({ value, onChange }: { value: Place | undefined; onChange(place: Place): void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState('');
  const q = useRested(typed, 200);
  const directory = useDirectory();
  const found = useQuery({
    queryKey: ['regions', q],
    queryFn: () => call(regionContracts.search, { query: { q } }),
    enabled: q.trim().length > 0,
    placeholderData: old => old,
  });
  // What is offered always answers what is typed: an Enter that comes before the answer waits for it.
  const settled = typed.trim() === q.trim() && found.isSuccess && !found.isPlaceholderData;
  const places = (settled ? found.data.regions : []).filter(r => r.level !== 'city');
  const early = useRef(false);
  const box = useRef<{ blur(): void }>(null);
  const choose = useCallback(
    (region: (typeof places)[number]) => {
      early.current = false;
      setTyped('');
      onChange({
        code: region.level === 'grid' ? region.parent! : region.code,
        grid: region.level === 'grid' ? region.code : null,
        label: region.name,
        path: region.path,
      });
    },
    [onChange],
  );
  const [first] = places;
  useEffect(() => {
    if (!settled || !early.current) return;
    if (first) {
      choose(first);
      box.current?.blur();
    }
    early.current = false;
  }, [settled, first, choose]);
  return (
    <Select
      aria-label={t('place')}
      placeholder={t('placeSearch')}
      ref={box as never}
      showSearch={{
        filterOption: false,
        onSearch: text => {
          early.current = false;
          setTyped(text);
        },
      }}
      onInputKeyDown={event => {
        if (event.key === 'Enter' && typed.trim() && !settled) early.current = true;
      }}
      value={value?.grid ?? value?.code}
      onChange={code => {
        const region = places.find(r => r.code === code);
        if (region) choose(region);
      }}
      options={[
        ...(value && !places.some(r => r.code === (value.grid ?? value.code))
          ? [{ value: value.grid ?? value.code, label: value.label }]
          : []),
        ...places.map(r => ({
          value: r.code,
          label: `${r.name}（${directory.placeName(r.path.slice(0, -1)) || r.code}）`,
        })),
      ]}
      notFoundContent={typed.trim() ? t(settled ? 'emptyList' : 'loading') : null}
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
