/** UUIDv7: minted by whoever creates the thing; primary key and idempotency key in one. */
import { v7 } from 'uuid';

export const uuid = (at?: number): string => (at === undefined ? v7() : v7({ msecs: at }));
