import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';

/**
 * A list page by page: `page` asks for what comes after a cursor, '' for the first. With `keepOld` the rows of the question
 * before stand there until the answer comes.
 */
export const usePages = <P extends { next?: string | null | undefined }>(
  queryKey: readonly unknown[],
  page: (cursor: string) => Promise<P>,
  { keepOld = false }: { keepOld?: boolean } = {},
) =>
  useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    ...(keepOld && { placeholderData: keepPreviousData }),
  });
