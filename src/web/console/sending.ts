/** What forms of the console share: sending with its refusals said, and who keeps registers. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { messageOf, useMe } from '../ui/pieces.tsx';

/** Sends a form, closes it, says what went wrong. */
export function useSending<V>(send: (values: V) => Promise<unknown>, keys: string[], onDone: () => void) {
  const cache = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: send,
    onSuccess: () => {
      for (const key of keys) cache.invalidateQueries({ queryKey: [key] });
      onDone();
    },
    onError: error => void message.error(messageOf(error), 6),
  });
}

/** A desk that oversees places keeps their registers. */
export const useKeeps = () =>
  useMe().posts.some(post => post.oversees.length && (post.role === 'clerk' || post.role === 'leader'));
