/** What the desks of rounds share. */
import { Select } from 'antd';
import type { Dayjs } from 'dayjs';
import type { Sort } from '../../rounds/contract.ts';
import { useDirectory, useMe } from '../ui/pieces.tsx';
import { choices, useWords } from '../ui/words.ts';

export const day = (moment: Dayjs) => moment.format('YYYY-MM-DD');

export function SortPicker({ value, onChange }: { value: Sort | undefined; onChange(sort: Sort | undefined): void }) {
  const { t, language } = useWords();
  return (
    <Select
      allowClear
      aria-label={t('sortOf')}
      placeholder={t('sortOf')}
      style={{ width: 130 }}
      value={value}
      onChange={onChange}
      options={choices('roundSort', language)}
    />
  );
}

/** The regions of one's posts and below, from the county down, for choosing where to look. */
export function useMyRegions() {
  const me = useMe();
  const directory = useDirectory();
  const mine = me.posts.flatMap(post => post.oversees);
  const below = (code: string) => mine.some(top => code.startsWith(top.replace(/0+$/, '')));
  return directory.regions.filter(region => below(region.code)).map(({ code, name }) => ({ value: code, label: name }));
}
