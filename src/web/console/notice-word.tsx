/** How many notices are new, beside the word of the menu. */
import { useQuery } from '@tanstack/react-query';
import { Badge } from 'antd';
import { supervisionContracts } from '../../supervision/contract.ts';
import { call } from '../ui/api.ts';
import { useWords } from '../ui/words.ts';

export const useNotices = () =>
  useQuery({ queryKey: ['notices'], queryFn: () => call(supervisionContracts.notices, {}), refetchInterval: 60_000 });

/** The word of the menu with how many are new. */
export function NoticeWord() {
  const { t } = useWords();
  const { data } = useNotices();
  return (
    <>
      {t('notices')} <Badge count={data?.fresh ?? 0} size="small" overflowCount={99} />
    </>
  );
}
