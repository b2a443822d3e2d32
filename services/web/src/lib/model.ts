// The resources, as build/model.mjs wrote them of the API's document; each is loaded when a screen needs it.
import { useEffect, useState } from 'preact/hooks';
import index from '../gen/index.json';
import type { Plural } from './api';
import type { Access } from './session';
import { label } from './words';

export type Kind = 'text' | 'long' | 'enum' | 'list' | 'id' | 'date' | 'instant' | 'int' | 'decimal' | 'money' | 'bool' | 'url' | 'email' |
  'zone' | 'locale' | 'object' | 'any';
export interface Field {
  name: string; kind: Kind; text?: string; ref?: Plural; values?: string[]; names?: Record<string, string>; item?: Field; fields?: Field[]; required?: boolean; nullable?: boolean;
  readOnly?: boolean; initial?: boolean; min?: number; max?: number; readers?: string[]; isPrivate?: boolean; doc?: string;
}
export interface Filter { name: string; kind: Kind; values?: string[]; ref?: Plural; isOne?: boolean }
export interface Action extends Access { verb: string; summary: string; needsVersion?: boolean; fields: Field[] }
export interface Resource {
  plural: Plural; name: string; doc?: string; fields: Field[];
  list: Access & { filters: Filter[]; ranges: string[]; sorts: string[]; expands: string[]; searches?: boolean; saves?: boolean };
  expands?: string[];
  create?: Access & { fields: Field[] }; patch?: Access & { fields: Field[] }; archive?: Access; restore?: Access;
  hasOne: boolean; flow?: { from: string; to: string; verb: string }[]; actions: Action[];
}
export type Row = Record<string, unknown> & { id: string };

const files = import.meta.glob<Resource>('../gen/resources/*.json', { import: 'default' });
const loaded = new Map<string, Resource>();
export const resources = index as Record<string, { name: string; read?: string[]; create?: string[] }>;
export const isResource = (plural: string): plural is Plural => Object.hasOwn(resources, plural);

export async function load(plural: string): Promise<Resource> {
  const known = loaded.get(plural);
  if (known) return known;
  const resource = await files[`../gen/resources/${plural}.json`]!();
  loaded.set(plural, resource);
  return resource;
}

export function useResource(plural: string): Resource | undefined {
  const [resource, set] = useState(loaded.get(plural));
  useEffect(() => {
    let isWanted = true;
    void load(plural).then((one) => isWanted && set(one));
    return () => { isWanted = false; };
  }, [plural]);
  return resource?.plural === plural ? resource : loaded.get(plural);
}

export const field = (resource: Resource, name: string) => resource.fields.find((one) => one.name === name);

const TITLES = ['name', 'title', 'subject', 'label', 'statement', 'measure', 'question', 'code', 'email', 'file_name', 'what', 'reason', 'text', 'description', 'note'];
const ABOUT = ['contact', 'user', 'partnership', 'partner', 'agreement', 'goal', 'site', 'need', 'survey', 'program', 'convening', 'indicator', 'focus_area', 'tag'];
const CALLED_BY_KIND = ['to_address', 'rows_read']; // mails and imports
const LONGEST = 90;

/** What a row is called; a row without a name is called by what it is about, but for what it is shown with. */
export function title(row: Row | undefined, but?: string): string {
  if (!row) return '';
  if (typeof row.kind === 'string' && CALLED_BY_KIND.some((name) => name in row)) return label(row.kind);
  for (const name of TITLES) {
    const text = row[name];
    if (typeof text === 'string' && text) return text.length > LONGEST ? `${text.slice(0, LONGEST).replace(/\s+\S*$/, '')} …` : text;
  }
  for (const about of ABOUT) {
    const embedded = row[about] as Row | null | undefined;
    if (about !== but && embedded && typeof embedded === 'object' && title(embedded)) return title(embedded);
  }
  return '';
}
export const abouts = ABOUT;
export const isNamed = (resource: Resource) => resource.fields.some((one) => TITLES.includes(one.name));

/** "partner" → "partners". */
export const pluralOf = (name: string) => Object.entries(resources).find(([, one]) => one.name === name)?.[0] ?? `${name}s`;
