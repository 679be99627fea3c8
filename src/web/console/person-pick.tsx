/** Choosing among all people by name, pinyin or user name; whoever comes back for what is typed may be chosen. */
import type { ComponentProps } from 'react';
import { peopleContracts } from '../../people/contract.ts';
import { type Answer, call } from '../ui/api.ts';
import { type Choice, SearchSelect } from './search-select.tsx';

export type Person = Answer<typeof peopleContracts.people>['people'][number];
const themselves = (person: Person): Choice[] => [{ value: person.id, label: `${person.name}（${person.login}）` }];

/** `choices` turns a person into what may be chosen of them: themselves, their posts. */
export function PersonPick({
  choices = themselves,
  onChange,
  ...select
}: Omit<ComponentProps<typeof SearchSelect<Person>>, 'name' | 'find' | 'choices' | 'onPick'> & {
  choices?(person: Person): Choice[];
  onChange?(value: string | undefined): void;
}) {
  return (
    <SearchSelect<Person>
      {...select}
      name={['people', 'pick']}
      find={async search => (await call(peopleContracts.people, { query: { search } })).people}
      choices={choices}
      onPick={value => onChange?.(value)}
    />
  );
}
