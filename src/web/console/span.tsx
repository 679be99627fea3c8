/** A span of days, whole: from the first moment of one to the last of the other. */
import { DatePicker } from 'antd';
import type { Dayjs } from 'dayjs';
import { useWords } from '../ui/words.ts';

export type Span = [Dayjs, Dayjs];

export function SpanPicker({ span, onChange }: { span: Span; onChange(span: Span): void }) {
  const { t } = useWords();
  return (
    <DatePicker.RangePicker
      aria-label={t('time')}
      value={span}
      allowClear={false}
      onChange={range => range?.[0] && range[1] && onChange([range[0].startOf('day'), range[1].endOf('day')])}
    />
  );
}
