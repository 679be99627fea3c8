/** 知识库: answers as they may be given, with their basis and until when they hold. */
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, DatePicker, Form, Input } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { hotlineContracts } from '../../hotline/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { useMe } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';
import { useRested } from './use-rested.ts';

type Known = Answer<typeof hotlineContracts.knowledge>['rows'][number];

export function Knowledge() {
  const { t } = useWords();
  const me = useMe();
  const county = me.counties[0]!;
  const [typed, setTyped] = useState('');
  const q = useRested(typed, 300);
  const [editing, setEditing] = useState<Known | 'new'>();
  const query = useQuery({
    queryKey: ['knowledge', q],
    queryFn: () => call(hotlineContracts.knowledge, { query: { county, q } }),
  });
  const mayWrite = me.posts.some(post => post.role === 'clerk' || post.role === 'leader');
  return (
    <>
      <div className="bar">
        {mayWrite && (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('addKnowledge')}
          </Button>
        )}
        <Input.Search
          aria-label={t('knowledgeTitle')}
          placeholder={t('knowledgeTitle')}
          value={typed}
          onChange={event => setTyped(event.target.value)}
          style={{ width: 320 }}
        />
      </div>
      <Rows
        query={query}
        rows={data => data.rows}
        empty={t('noKnowledge')}
        columns={[
          {
            title: t('knowledgeTitle'),
            key: 'title',
            render: (_, row) => (
              <>
                <strong>{row.title}</strong>
                <div className="quiet" style={{ whiteSpace: 'pre-line' }}>
                  {row.answer}
                </div>
              </>
            ),
          },
          { title: t('knowledgeBasis'), dataIndex: 'basis', width: 220 },
          { title: t('knowledgeUntil'), dataIndex: 'until', width: 110 },
          { title: t('usedTimes'), dataIndex: 'used', width: 70, align: 'right' },
          {
            title: t('action'),
            key: 'do',
            width: 90,
            render: (_, row) =>
              row.ended
                ? t('outOfUse')
                : mayWrite && (
                    <Button size="small" onClick={() => setEditing(row)}>
                      {t('setIt')}
                    </Button>
                  ),
          },
        ]}
      />
      {editing && (
        <KnowledgeForm
          county={county}
          one={editing === 'new' ? undefined : editing}
          onDone={() => setEditing(undefined)}
        />
      )}
    </>
  );
}

function KnowledgeForm({ county, one, onDone }: { county: string; one: Known | undefined; onDone(): void }) {
  const { t } = useWords();
  const needed = useNeeded();
  const send = useSending(
    ({
      title,
      answer,
      basis = '',
      until,
      ended = false,
    }: {
      title: string;
      answer: string;
      basis?: string;
      until?: Dayjs;
      ended?: boolean;
    }) =>
      call(hotlineContracts.putKnowledge, {
        params: { county, id: one?.id ?? uuid() },
        body: {
          title,
          answer,
          basis,
          until: until ? until.format('YYYY-MM-DD') : (one?.until ?? null),
          ended,
          open: false,
        },
      }),
    ['knowledge'],
    onDone,
  );
  return (
    <FormDialog
      title={t('addKnowledge')}
      send={send}
      onCancel={onDone}
      initial={one ? { title: one.title, answer: one.answer, basis: one.basis } : {}}
      width={640}
    >
      <Form.Item name="title" label={t('knowledgeTitle')} rules={needed}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="answer" label={t('knowledgeAnswer')} rules={needed}>
        <Input.TextArea rows={5} maxLength={5000} />
      </Form.Item>
      <Form.Item name="basis" label={t('knowledgeBasis')}>
        <Input maxLength={500} />
      </Form.Item>
      <Form.Item name="until" label={t('knowledgeUntil')}>
        <DatePicker style={{ width: '100%' }} />
      </Form.Item>
      {one && (
        <Form.Item name="ended" valuePropName="checked">
          <Checkbox>{t('outOfUse')}</Checkbox>
        </Form.Item>
      )}
    </FormDialog>
  );
}
