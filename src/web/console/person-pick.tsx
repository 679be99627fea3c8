/** Choosing among all people by name, pinyin or user name; whoever comes back for what is typed may be chosen. */
import { useQuery } from '@tanstack/react-query';
import { Select, type SelectProps } from 'antd';
import { useDeferredValue, useState } from 'react';
import { peopleContracts } from '../../people/contract.ts';
import { type Answer, call } from '../ui/api.ts';

export type Person = Answer<typeof peopleContracts.people>['people'][number];
type Choice = { value: string; label: string };
const themselves = (person: Person): Choice[] => [{ value: person.id, label: `${person.name}（${person.login}）` }];

/** `choices` turns a person into what may be chosen of them (themselves, their posts); `known` is shown before anybody is looked for. */
export function PersonPick({
  choices = themselves,
  known,
  ...select
}: Omit<SelectProps<string>, 'options' | 'showSearch'> & { choices?(person: Person): Choice[]; known?: Choice }) {
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed);
  const [chosen, setChosen] = useState(known);
  const { data } = useQuery({
    queryKey: ['people', { search }],
    queryFn: () => call(peopleContracts.people, { query: { search } }),
    placeholderData: old => old,
  });
  const found = (data?.people ?? []).flatMap(choices);
  return (
    <Select<string, Choice>
      {...(select as SelectProps<string, Choice>)}
      // What was typed goes when one is chosen; the one chosen stays among the options.
      showSearch={{ filterOption: false, onSearch: text => text && setTyped(text) }}
      options={chosen && !found.some(one => one.value === chosen.value) ? [chosen, ...found] : found}
      onChange={(value, option) => {
        setChosen(option as Choice);
        select.onChange?.(value, option);
      }}
    />
  );
}
