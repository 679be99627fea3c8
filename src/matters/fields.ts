/**
 * A county's own fields of a kind: versioned by date like its other rules, checked at registration and correction, shown,
 * filtered and exported. Numbers, dates and choices only: free text belongs into the narrative, where it is sealed. Pure.
 */
import { z } from 'zod';

export const OwnField = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,29}$/),
  title: z.string().trim().min(1).max(30),
  type: z.enum(['number', 'date', 'choice', 'yes']),
  options: z.array(z.string().trim().min(1).max(40)).min(2).max(60).optional(),
  required: z.boolean().default(false),
});
export type OwnField = z.output<typeof OwnField>;
export const OwnFields = z
  .array(OwnField)
  .max(40)
  .refine(list => new Set(list.map(field => field.name)).size === list.length, 'a name stands twice')
  .refine(
    list => list.every(field => (field.type === 'choice') === (field.options !== undefined)),
    'options belong to a choice',
  );

const shapeOf = (field: OwnField): z.ZodType => {
  const shapes = {
    number: () => z.number().min(-1e12).max(1e12),
    date: () => z.iso.date(),
    choice: () => z.enum(field.options as [string, ...string[]]),
    yes: () => z.boolean(),
  };
  const shape = shapes[field.type]();
  return field.required ? shape : shape.optional();
};

/** What a matter's own fields must look like under the definitions in force; unknown names are refused. */
export const ownShape = (fields: readonly OwnField[]) =>
  z.strictObject(Object.fromEntries(fields.map(field => [field.name, shapeOf(field)])));
