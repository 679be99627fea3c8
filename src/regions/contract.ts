/** The wire shapes of places, units and code tables. */
import { z } from 'zod';
import { contract } from '../kernel/contract.ts';
import { kindNames } from '../kinds/kinds.ts';
import { OwnField } from '../matters/fields.ts';

const id = z.uuid();
const level = z.enum(['city', 'county', 'township', 'village', 'grid', 'group']);
const Region = z.object({ code: z.string(), parent: z.string().nullable(), level, name: z.string() });
const tag = 'places';
const Category = z.object({ code: z.string(), parent: z.string().nullable(), name: z.string() });
export const Refused = z.array(z.object({ line: z.number(), reason: z.string() }));

export const regionContracts = {
  directory: contract({
    method: 'GET',
    path: '/directory',
    summary: 'Counties, townships, villages, units, categories and clocks of my counties',
    tag,
    access: 'staff',
    reply: z.object({
      regions: z.array(Region),
      units: z.array(
        z.object({
          id,
          name: z.string(),
          pinyin: z.string(),
          kind: z.string(),
          region: z.string(),
          phone: z.string().nullable(),
          closed: z.boolean(),
        }),
      ),
      categories: z.record(z.enum(kindNames), z.array(Category)),
      /** The county's own fields of each kind, as in force today. */
      fields: z.record(z.enum(kindNames), z.array(OwnField)),
    }),
  }),
  neighbours: contract({
    method: 'GET',
    path: '/regions/neighbours',
    summary: 'Townships of other counties here, with which a matter can be shared across the border',
    tag,
    access: 'staff',
    reply: z.object({ regions: z.array(z.object({ county: z.string(), code: z.string(), name: z.string() })) }),
  }),
  closeUnit: contract({
    method: 'POST',
    path: '/units/:unit/close',
    summary: 'Close a unit; its successor takes over every open matter',
    tag,
    access: ['system-admin'],
    params: z.object({ unit: id }),
    body: z.object({ successor: id }),
    reply: z.object({ moved: z.number() }),
  }),
  search: contract({
    method: 'GET',
    path: '/regions/search',
    summary: 'Find a place by characters, pinyin or code',
    tag,
    access: 'staff',
    query: z.object({ q: z.string().min(1).max(40) }),
    reply: z.object({ regions: z.array(Region.extend({ path: z.array(z.string()) })) }),
  }),
  locate: contract({
    method: 'GET',
    path: '/regions/locate',
    summary: 'The grid a point lies in',
    tag,
    access: 'staff',
    query: z.object({
      lng: z.coerce.number(),
      lat: z.coerce.number(),
      datum: z.enum(['WGS84', 'GCJ02', 'CGCS2000']).default('WGS84'),
    }),
    reply: z.object({
      grid: Region.nullable(),
      path: z.array(z.string()),
      location: z.object({ lng: z.number(), lat: z.number() }),
    }),
  }),
  boundaries: contract({
    method: 'GET',
    path: '/regions/:code/boundaries',
    summary: 'Boundaries of the grids below a region, as GeoJSON (WGS-84)',
    tag,
    access: 'staff',
    params: z.object({ code: z.string().regex(/^\d{12,17}$/) }),
    reply: z.unknown(),
  }),
  calendar: contract({
    method: 'POST',
    path: '/calendar',
    summary: "Import a year's rest days and swapped working days",
    tag: 'administration',
    access: ['system-admin'],
    body: z.object({
      year: z.number().int().min(2027).max(2100),
      off: z.array(z.iso.date()).max(60),
      work: z.array(z.iso.date()).max(20),
      source: z.string().trim().min(4).max(200),
    }),
    reply: z.object({ recounted: z.number() }),
  }),
  referenceForm: contract({
    method: 'GET',
    path: '/reference/:what/form',
    summary: 'The empty table to fill in, as .xlsx',
    tag: 'administration',
    access: ['system-admin'],
    params: z.object({ what: z.enum(['categories', 'regions', 'units', 'people', 'posts']) }),
    reply: z.unknown(),
  }),
  importReference: contract({
    method: 'POST',
    path: '/reference/:what',
    summary: 'Import categories, regions, units, people, posts (tables) or grids (GeoJSON); multipart',
    tag: 'administration',
    access: ['system-admin'],
    params: z.object({ what: z.enum(['categories', 'regions', 'units', 'people', 'posts', 'grids']) }),
    query: z.object({
      kind: z.enum(kindNames).default('request'),
      datum: z.enum(['WGS84', 'GCJ02', 'CGCS2000']).default('WGS84'),
    }),
    reply: z.object({
      read: z.number(),
      imported: z.number(),
      refused: Refused,
      extra: z.array(z.record(z.string(), z.string())).optional(),
    }),
  }),
};
