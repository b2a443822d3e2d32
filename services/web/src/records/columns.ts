// What a list shows of each row, beside its name. Where nothing stands here, the first telling fields do.
import { abouts, isNamed, type Field, type Resource } from '../lib/model';

const COLUMNS: Record<string, string[]> = {
  partners: ['kind', 'stage', 'tier', 'owner_id', 'lead_site_id', 'completeness', 'last_contact_on'],
  sites: ['kind', 'level', 'network_id', 'city'],
  partnerships: ['partner_id', 'status', 'tier', 'lead_site_id', 'starts_on', 'ends_on'],
  needs: ['status', 'site_id', 'focus_area_id', 'kind', 'needed_by'],
  check_ins: ['status', 'due_on', 'opens_on', 'missing', 'number'],
  agreements: ['status', 'kind', 'starts_on', 'ends_on'],
  goals: ['partnership_id', 'progress', 'target', 'due_on'],
  investments: ['partnership_id', 'side', 'kind', 'status', 'value_cents', 'hours'],
  contacts: ['email', 'phone', 'locale'],
  credentials: ['kind', 'status', 'issued_on', 'expires_on'],
  imports: ['status', 'rows_read', 'created', 'updated', 'rejected', 'started_by'],
  instruments: ['status', 'subject', 'edition'],
  gifts: ['status', 'kind', 'value_cents', 'received_on'],
  messages: ['status', 'reason', 'contact_id', 'user_id', 'created_at'],
  convenings: ['kind', 'status', 'starts_at', 'site_id'],
  surveys: ['status', 'mode', 'opens_on', 'closes_on'],
};
const TELLING = ['enum', 'date', 'id', 'money', 'int', 'decimal', 'instant', 'bool', 'email'];
const COMMON = ['id', 'version', 'created_at', 'updated_at', 'archived_at'];
const MOST = 5;

/** `of`: on whose page they stand. What a row is called by for want of a name is not told again. */
export function columnsOf(resource: Resource, of?: string): Field[] {
  const wanted = COLUMNS[resource.plural];
  const about = isNamed(resource) ? undefined : abouts.find((name) => name !== of && resource.fields.some((field) => field.name === `${name}_id`));
  const own = resource.fields.filter((field) => ![...COMMON, `${about}_id`, `${of}_id`].includes(field.name));
  const found = wanted
    ? wanted.map((name) => own.find((field) => field.name === name)).filter((field) => field !== undefined)
    : own.filter((field) => TELLING.includes(field.kind) && !['merged_into', 'parent_id'].includes(field.name))
      .sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
  return found;
}

const rank = (field: Field) => (['status', 'stage', 'state'].includes(field.name) ? 0 : TELLING.indexOf(field.kind) + 1);

/** What a list asks to be embedded, so that no row needs a question of its own: four at most. */
export const expandsOf = (resource: Resource, columns: Field[], but?: string) =>
  [...new Set([...columns.filter((field) => field.ref).map((field) => field.name.replace(/_id$/, '')),
    ...abouts])]
    .filter((name) => name !== but && resource.list.expands.includes(name)).slice(0, 4);
