/** A list of the console: waits for its data, says when it is empty, shows it as a table. */
import { Table, type TableProps } from 'antd';
import { Await, Nothing } from '../ui/pieces.tsx';

export function Rows<Data, Row extends object>({
  query,
  rows,
  empty,
  hint = '',
  whole,
  rowKey = 'id',
  ...table
}: {
  query: { data: Data | undefined; error: unknown; refetch(): unknown };
  rows(data: Data): readonly Row[];
  empty: string;
  hint?: string;
  /** All rows on one page. */
  whole?: boolean;
} & Pick<TableProps<Row>, 'columns' | 'rowKey' | 'expandable'>) {
  return (
    <Await query={query}>
      {data => (
        <Table<Row>
          size="small"
          rowKey={rowKey}
          {...(whole && { pagination: false as const })}
          dataSource={rows(data) as Row[]}
          locale={{ emptyText: <Nothing title={empty} hint={hint} /> }}
          {...table}
        />
      )}
    </Await>
  );
}
