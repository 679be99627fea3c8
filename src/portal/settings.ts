/** What a county sets besides its rules. Pure. */
import { z } from 'zod';
import { postRoles } from '../matters/policy.ts';
import { PortalSetting } from './contract.ts';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
export const SettingShapes = {
  portal: PortalSetting,
  /** When nothing that can wait leaves the house (China's time). */
  quiet: z.object({ from: time, to: time }),
  /** Roles that must show a second factor. */
  factor: z.object({ roles: z.array(z.enum(postRoles)) }),
} as const;
