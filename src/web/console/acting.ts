/** Doing something to a matter from a desk that shows it: one id for one intention, and the page renewed afterwards. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { v7 as uuid } from 'uuid';
import { Action } from '../../matters/actions.ts';
import { matterContracts } from '../../matters/contract.ts';
import type { Matter } from '../../matters/matter.ts';
import { call, upload } from '../ui/api.ts';
import { messageOf } from '../ui/pieces.tsx';

export type Doing = { type: Action['type']; data?: object; words?: object };

export function useActing(matter: Matter) {
  const cache = useQueryClient();
  const { message } = App.useApp();
  const params = { county: matter.county, id: matter.id };
  const renew = () => {
    cache.invalidateQueries({ queryKey: ['matter', matter.county, matter.id] });
    cache.invalidateQueries({ queryKey: ['mediation', matter.county, matter.id] });
    cache.invalidateQueries({ queryKey: ['matters'] });
  };
  const act = useMutation({
    mutationFn: ({ type, data = {}, words = {} }: Doing) =>
      call(matterContracts.act, { params, body: { id: uuid(), action: Action.parse({ type, data, words }) } }),
    onSuccess: renew,
    onError: error => {
      void message.error(messageOf(error), 6);
      renew();
    },
  });
  /** Attaches a file and gives its id. */
  const attach = async (file: File, part?: string): Promise<string> => {
    const id = uuid();
    await upload(
      matterContracts.upload,
      { params },
      { id, action: uuid(), audience: 'participants', ...(part && { part }) },
      file,
    );
    renew();
    return id;
  };
  return { act: act.mutateAsync, busy: act.isPending, attach, renew, params };
}
