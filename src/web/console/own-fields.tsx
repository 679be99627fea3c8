/** The county's own fields of a kind: as a form, and as facts. */
import { Checkbox, DatePicker, InputNumber, Select } from 'antd';
import dayjs from 'dayjs';
import type { OwnField } from '../../matters/fields.ts';

export type Own = Record<string, unknown>;

/** What is shown of a value. */
export const shownOf = (value: unknown): string => (value === true ? '✓' : value === false ? '✗' : String(value ?? ''));

export function OwnForm({
  fields,
  value,
  onChange,
}: {
  fields: readonly OwnField[];
  value: Own;
  onChange(value: Own): void;
}) {
  const set = (name: string, next: unknown) => {
    const { [name]: _old, ...rest } = value;
    onChange(next === undefined || next === null ? rest : { ...rest, [name]: next });
  };
  return (
    <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 8 }}>
      {fields.map(({ name, title, type, options, required }) => {
        const label = `${title}${required ? ' *' : ''}`;
        const now = value[name];
        if (type === 'yes')
          return (
            <Checkbox
              key={name}
              checked={now === true}
              onChange={event => set(name, event.target.checked || undefined)}
            >
              {label}
            </Checkbox>
          );
        if (type === 'number')
          return (
            <InputNumber
              key={name}
              aria-label={title}
              placeholder={label}
              style={{ width: '100%' }}
              value={(now as number | undefined) ?? null}
              onChange={next => set(name, next)}
            />
          );
        if (type === 'date')
          return (
            <DatePicker
              key={name}
              aria-label={title}
              placeholder={label}
              value={now ? dayjs(String(now)) : null}
              onChange={next => set(name, next?.format('YYYY-MM-DD'))}
            />
          );
        return (
          <Select
            key={name}
            allowClear
            aria-label={title}
            placeholder={label}
            value={now as string | undefined}
            onChange={next => set(name, next)}
            options={(options ?? []).map(option => ({ value: option, label: option }))}
          />
        );
      })}
    </div>
  );
}
