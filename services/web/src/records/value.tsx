// A field's value, as it is read.
import { useGet } from '../lib/store';
import { isResource, title, type Field, type Row } from '../lib/model';
import * as format from '../lib/format';
import { label, languageName, t } from '../lib/words';
import { Badge } from '../ui/parts';
import { recordPath } from './paths';

const STATES = ['status', 'stage', 'state', 'outcome', 'progress', 'tier', 'result'];

/** Somebody or something else, by name: what the row embeds, or else what is read of it. */
export function Reference({ plural, id, embedded }: { plural: string; id: string; embedded?: Row | null }) {
  const known = embedded && typeof embedded === 'object' && title(embedded) ? embedded : undefined;
  const { data } = useGet<Row>(known || !isResource(plural) ? null : `/v1/${plural}/${id}`);
  const row = known ?? data;
  return <a href={recordPath(plural, id)}>{title(row) || label(plural)}</a>;
}

function Plain({ field, value }: { field: Field; value: unknown }) {
  switch (field.kind) {
    case 'enum': return STATES.includes(field.name) ? <Badge value={String(value)} /> : <>{label(String(value))}</>;
    case 'bool': return <>{format.yesNo(Boolean(value))}</>;
    case 'date': return <time dateTime={String(value)}>{format.day(String(value))}</time>;
    case 'instant': return <time dateTime={String(value)}>{format.instant(String(value))}</time>;
    case 'money': return <>{format.money(Number(value))}</>;
    case 'int': return <>{field.name === 'school_year' ? format.schoolYear(Number(value)) : format.number(Number(value))}</>;
    case 'decimal': return <>{format.number(String(value))}</>;
    case 'locale': return <>{format.languageName(String(value))}</>;
    case 'url': return <a href={String(value)} rel="noreferrer noopener" target="_blank">{String(value).replace(/^https?:\/\/|\/$/g, '')}</a>;
    case 'locale': return <>{languageName(String(value))}</>;
    case 'email': return <a href={`mailto:${String(value)}`}>{String(value)}</a>;
    case 'long': return <span class="prose">{String(value)}</span>;
    case 'object': return <Members field={field} value={value as Record<string, unknown>} />;
    case 'any': return typeof value === 'object' ? <code class="raw">{JSON.stringify(value)}</code> : <>{String(value)}</>;
    default: return <>{isCode(field.name, String(value)) ? label(String(value)) : String(value)}</>;
  }
}

/** What the API tells by a name of its own without a list of all. */
const isCode = (name: string, value: string) => ['kind', 'reason', 'topic'].includes(name) && /^[a-z]+(_[a-z]+)*$/.test(value);

const Members = ({ field, value }: { field: Field; value: Record<string, unknown> }) => (
  <dl class="members">
    {Object.entries(value).filter(([, one]) => one !== null).map(([name, one]) => (
      <div key={name}><dt>{label(name)}</dt><dd><Value field={field.fields?.find((inner) => inner.name === name) ?? guess(name, one)} value={one} /></dd></div>
    ))}
  </dl>
);

/** What no declaration describes. */
export function guess(name: string, value: unknown): Field {
  if (typeof value === 'boolean') return { name, kind: 'bool' };
  if (Array.isArray(value)) return { name, kind: 'list', item: guess(name, value[0]) };
  if (value && typeof value === 'object') return { name, kind: 'object' };
  if (name.endsWith('_cents')) return { name, kind: 'money' };
  if (typeof value === 'number') return { name, kind: 'int' };
  const text = String(value);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return { name, kind: 'date' };
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return { name, kind: 'instant' };
  return { name, kind: 'text' };
}

export function Value({ field, value, row }: { field: Field; value: unknown; row?: Row }) {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length))
    return <span class="none">{t('none')}</span>;
  if (field.kind === 'id' && field.ref)
    return <Reference plural={field.ref} id={String(value)} embedded={row?.[field.name.replace(/_id$/, '')] as Row} />;
  if (field.kind === 'list') {
    const items = value as unknown[];
    const item = field.item ?? guess(field.name, items[0]);
    const ref = item.ref ?? field.ref;
    if (ref) return <ul class="inline">{items.map((id) => <li key={String(id)}><Reference plural={ref} id={String(id)} /></li>)}</ul>;
    if (['enum', 'text', 'int'].includes(item.kind)) return <>{format.values(items)}</>;
    return <ul class="plain">{items.map((one, n) => <li key={n}><Value field={{ ...item, name: field.name }} value={one} /></li>)}</ul>;
  }
  return <Plain field={field} value={value} />;
}
