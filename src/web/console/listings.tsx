/** 重点监管单位: proposed on a ground of law, heard, decided, appealed, each by other hands. */

import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { v7 as uuid } from 'uuid';
import { placeContracts } from '../../places/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { useMe } from '../ui/pieces.tsx';
import { choices, optionName, useWords } from '../ui/words.ts';
import { PlaceChoice } from './place-choice.tsx';
import { Rows } from './rows.tsx';
import { FormDialog, useNeeded, useSending } from './sending.tsx';

type Listing = Answer<typeof placeContracts.listings>['rows'][number];

type ListingStep = 'heard' | 'list' | 'not' | 'appeal' | 'uphold' | 'overturn' | 'lift';

export function Listings() {
  const { t, language } = useWords();
  const me = useMe();
  const leads = me.posts.some(post => post.role === 'leader');
  const [proposing, setProposing] = useState(false);
  const [doing, setDoing] = useState<{ listing: Listing; step: ListingStep }>();
  const query = useQuery({ queryKey: ['listings'], queryFn: () => call(placeContracts.listings, {}) });
  const offered = (l: Listing): [ListingStep, Parameters<typeof t>[0]][] => {
    if (l.state === 'proposed') return [['heard', 'heardStep']];
    if (l.state === 'heard' && leads)
      return [
        ['list', 'decideList'],
        ['not', 'decideNot'],
      ];
    if (l.state !== 'listed') return [];
    return [
      ...(l.appealedAt === null ? [['appeal', 'appealStep'] as [ListingStep, 'appealStep']] : []),
      ...(leads && l.appealedAt !== null && l.upheld === null
        ? ([
            ['uphold', 'upholdStep'],
            ['overturn', 'overturnStep'],
          ] as [ListingStep, 'upholdStep'][])
        : []),
      ...(leads ? [['lift', 'liftStep'] as [ListingStep, 'liftStep']] : []),
    ];
  };
  return (
    <>
      <div className="bar">
        <Button type="primary" onClick={() => setProposing(true)}>
          {t('proposeListing')}
        </Button>
      </div>
      <Rows
        query={query}
        rows={data => data.rows}
        whole
        empty={t('noListings')}
        columns={[
          { title: t('enterprise'), dataIndex: 'name' },
          {
            title: t('groundOfListing'),
            key: 'g',
            render: (_, l) => optionName('listingGround', l.ground, language),
          },
          {
            title: t('state'),
            key: 's',
            width: 180,
            render: (_, l) => optionName('listingState', l.state, language),
          },
          { title: t('untilOf'), dataIndex: 'until', width: 130 },
          {
            title: t('reasonWord'),
            key: 'w',
            render: (_, l) =>
              Object.entries(l.words).map(([step, text]) => (
                <div key={step} className="quiet">
                  {text}
                </div>
              )),
          },
          {
            title: t('action'),
            key: 'a',
            width: 220,
            render: (_, l) =>
              offered(l).map(([step, word]) => (
                <Button
                  key={step}
                  size="small"
                  style={{ marginRight: 4 }}
                  onClick={() => setDoing({ listing: l, step })}
                >
                  {t(word)}
                </Button>
              )),
          },
        ]}
      />
      {proposing && <Propose onDone={() => setProposing(false)} />}
      {doing && <StepListing {...doing} onDone={() => setDoing(undefined)} />}
    </>
  );
}

function Propose({ onDone }: { onDone(): void }) {
  const { t, language } = useWords();
  const me = useMe();
  const send = useSending(
    (values: { place: string; ground: 'fatal-accident'; text: string }) =>
      call(placeContracts.propose, { body: { id: uuid(), county: me.counties[0]!, ...values } }),
    ['listings', 'places'],
    onDone,
  );
  const needed = useNeeded();
  return (
    <FormDialog title={t('proposeListing')} send={send} onCancel={onDone}>
      <Form.Item name="place" label={t('enterprise')} rules={needed}>
        <PlaceChoice kind="enterprise" />
      </Form.Item>
      <Form.Item name="ground" label={t('groundOfListing')} rules={needed}>
        <Select options={choices('listingGround', language)} />
      </Form.Item>
      <Form.Item name="text" label={t('reasonWord')} rules={needed}>
        <Input.TextArea rows={3} maxLength={2000} />
      </Form.Item>
    </FormDialog>
  );
}

function StepListing({ listing, step, onDone }: { listing: Listing; step: ListingStep; onDone(): void }) {
  const { t } = useWords();
  const needed = useNeeded();
  const bodies = {
    heard: () => ({ step: 'heard' as const }),
    list: (until?: Dayjs) => ({
      step: 'decide' as const,
      list: true,
      ...(until && { until: until.format('YYYY-MM-DD') }),
    }),
    not: () => ({ step: 'decide' as const, list: false }),
    appeal: () => ({ step: 'appeal' as const }),
    uphold: () => ({ step: 'rule' as const, upheld: true }),
    overturn: () => ({ step: 'rule' as const, upheld: false }),
    lift: () => ({ step: 'lift' as const }),
  };
  const send = useSending(
    ({ text, until }: { text: string; until?: Dayjs }) =>
      call(placeContracts.stepListing, {
        params: { county: listing.county, id: listing.id },
        body: { ...bodies[step](until), text },
      }),
    ['listings', 'places'],
    onDone,
  );
  const words = {
    heard: 'heardStep',
    list: 'decideList',
    not: 'decideNot',
    appeal: 'appealStep',
    uphold: 'upholdStep',
    overturn: 'overturnStep',
    lift: 'liftStep',
  } as const;
  return (
    <FormDialog title={`${t(words[step])} · ${listing.name}`} send={send} onCancel={onDone}>
      {step === 'list' && (
        <Form.Item name="until" label={t('untilOf')} rules={needed}>
          <DatePicker />
        </Form.Item>
      )}
      <Form.Item name="text" label={t('reasonWord')} rules={needed}>
        <Input.TextArea rows={4} maxLength={2000} />
      </Form.Item>
    </FormDialog>
  );
}
