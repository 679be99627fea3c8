/** Choosing one of many by typing some letters of it. */
import { useQuery } from '@tanstack/react-query';
import { type RefSelectProps, Select, type SelectProps } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { messageOf } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';
import { useRested } from './use-rested.ts';

export type Choice = { value: string; label: string };

/**
 * What is offered always answers what is typed: nothing moves away under the mouse, and an Enter that comes before the
 * answer waits for it. `name` names the question to the cache, `find` asks it, `choices` turns what comes back into what may be
 * chosen of it; `known` is what stands there before anybody looks; with `typing` nothing is offered before something is typed.
 */
export function SearchSelect<T>({
  name,
  find,
  choices,
  known,
  typing,
  onPick,
  ...select
}: Omit<SelectProps<string, Choice>, 'options' | 'showSearch' | 'onChange'> & {
  name: readonly string[];
  find(typed: string): Promise<readonly T[]>;
  choices(one: T): readonly Choice[];
  known?: Choice | undefined;
  typing?: boolean;
  onPick(value: string | undefined, one: T | undefined): void;
}) {
  const { t } = useWords();
  const [typed, setTyped] = useState('');
  const [picked, setPicked] = useState<Choice>();
  const q = useRested(typed, 200).trim();
  const found = useQuery({
    queryKey: [...name, q],
    queryFn: () => find(q),
    enabled: !typing || q !== '',
    // Without a network it is said at once; the next letter asks again.
    networkMode: 'always',
    retry: false,
  });
  const settled = typed.trim() === q && found.isSuccess;
  const offered = (settled ? found.data : []).flatMap(one => choices(one).map(choice => ({ ...choice, one })));
  const held = [picked, known].find(choice => choice?.value === select.value);
  const early = useRef(false);
  const box = useRef<RefSelectProps>(null);
  const pick = (choice: (typeof offered)[number] | undefined) => {
    setTyped('');
    setPicked(choice);
    onPick(choice?.value, choice?.one);
  };
  useEffect(() => {
    if (!early.current || !(settled || found.isError)) return;
    early.current = false;
    if (!offered[0]) return;
    pick(offered[0]);
    box.current?.blur();
  });
  return (
    <Select<string, Choice>
      {...select}
      ref={box}
      showSearch={{
        filterOption: false,
        onSearch: text => {
          early.current = false;
          setTyped(text);
        },
      }}
      onInputKeyDown={event => {
        if (event.key !== 'Enter' || !typed.trim() || settled) return;
        // The list is empty yet: to choose from it would close it and lose what was typed.
        event.preventDefault();
        event.stopPropagation();
        early.current = true;
      }}
      onChange={value => pick(offered.find(choice => choice.value === value))}
      options={typed || !held || offered.some(choice => choice.value === held.value) ? offered : [held, ...offered]}
      notFoundContent={
        typing && !typed.trim() ? null : found.isError ? messageOf(found.error) : t(settled ? 'emptyList' : 'loading')
      }
    />
  );
}
