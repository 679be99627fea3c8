/** What forms of the console share: sending with its refusals said, and who keeps registers. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, type FormInstance, Modal } from 'antd';
import type { ReactNode } from 'react';
import { messageOf, useMe } from '../ui/pieces.tsx';
import { useWords } from '../ui/words.ts';

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

/** What a field needs that must be filled in. */
export function useNeeded() {
  const { t } = useWords();
  return [{ required: true, message: t('required') }];
}

/** A form before the page: its fields, one button that sends, closed by whoever opened it. */
export function FormDialog<V>({
  title,
  send,
  onCancel,
  form,
  initial,
  width,
  children,
}: {
  title: string;
  send: { mutate(values: V): void; isPending: boolean };
  onCancel(): void;
  form?: FormInstance<V>;
  initial?: object;
  width?: number;
  children: ReactNode;
}) {
  const { t } = useWords();
  return (
    <Modal open title={title} footer={null} onCancel={onCancel} {...(width && { width })}>
      <Form<V>
        layout="vertical"
        onFinish={send.mutate}
        {...(form && { form })}
        {...(initial && { initialValues: initial })}
      >
        {children}
        <Button type="primary" htmlType="submit" loading={send.isPending}>
          {t('ok')}
        </Button>
      </Form>
    </Modal>
  );
}
