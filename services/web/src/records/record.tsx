// One row of any resource: what it is, what it can be told to do, what belongs to it, and what has become of it.
import type { ComponentChildren } from 'preact';
import { address, type Page, type Plural } from '../lib/api';
import { useGet } from '../lib/store';
import { abouts, isResource, title, useResource, type Field, type Resource, type Row } from '../lib/model';
import { NO_RIGHTS, useRights, type Rights } from '../lib/rights';
import { may } from '../lib/session';
import { instant } from '../lib/format';
import { label, t } from '../lib/words';
import { Badge, Button, Card, Empty, Menu, Notice, Tabs, Title, Trouble, Waiting } from '../ui/parts';
import { Icon } from '../ui/icons';
import { Actions, useArchive, useTransitions } from './action';
import { columnsOf, expandsOf } from './columns';
import { Rows } from './list';
import { listPath, newPath, recordPath } from './paths';
import { guess, Value } from './value';

const COMMON = ['id', 'version', 'created_at', 'updated_at', 'archived_at', 'merged_into'];
const STATES = ['status', 'stage'];
const ROWS = 10;

export interface Part { id: string; text: string; count?: number; show: () => ComponentChildren }
interface Props { plural: Plural; id: string; part?: string; lead?: (row: Row) => ComponentChildren; parts?: (row: Row) => Part[] }

export function Record({ plural, id, part, lead, parts }: Props) {
  const resource = useResource(plural);
  const { data: row, etag, problem, reload } = useGet<Row>(`/v1/${plural}/${id}`);
  const { data: rights, problem: unknown } = useRights(plural, id);
  const { data: moves, problem: unmoved } = useTransitions(resource, id); // buttons come with the rest, so that nothing below them moves
  if (problem && !row) return <><Title>{label(plural)}</Title><Trouble problem={problem} again={reload} /></>;
  if (!resource || !row || !(rights || unknown) || (resource.flow && !(moves || unmoved))) return <Waiting lines={8} />;
  return <OfRow key={id} {...{ resource, row, etag, part, lead, parts }} rights={rights ?? NO_RIGHTS} />;
}

function OfRow({ resource, row, etag, rights, part, lead, parts }: { resource: Resource; row: Row; etag?: string | null; rights: Rights; part?: string } & Pick<Props, 'lead' | 'parts'>) {
  const { archive, restore } = useArchive(resource, row, etag);
  const name = useName(resource, row);
  const related = (resource.expands ?? []).filter(isResource);
  const own = parts?.(row) ?? [];
  const all: Part[] = [
    ...own,
    { id: 'facts', text: t('facts'), show: () => <Facts resource={resource} row={row} /> },
    ...(related.length ? [{ id: 'related', text: t('related'), show: () => <>{related.map((plural) => <Related key={plural} of={resource} plural={plural} row={row} />)}</> }] : []),
    { id: 'history', text: t('history'), show: () => <History resource={resource} row={row} /> },
  ];
  const current = all.find((one) => one.id === part) ?? all[0]!;
  const state = STATES.map((name) => row[name]).find((value) => typeof value === 'string') as string | undefined;
  const actions = (
    <>
      <Actions resource={resource} row={row} etag={etag} />
      {!row.archived_at && resource.patch && rights.update_private && <a class="button quiet" href={recordPath(resource.plural, row.id, 'edit')}>{t('edit_it')}</a>}
      {row.archived_at && rights.restore && <Button onClick={() => void restore()}>{t('restore')}</Button>}
      {!row.archived_at && rights.archive && <Menu kind="bare" text={<><Icon name="dots" /><span class="unseen">{t('further')}</span></>}>
        <button type="button" onClick={() => void archive()}>{t('archive')}</button></Menu>}
    </>
  );
  return (
    <>
      <Title crumbs={<a href={listPath(resource.plural)}>{label(resource.plural)}</a>} actions={actions}
        of={state && <Badge value={state} />}>{name}</Title>
      {row.archived_at && <Notice tone="warn">{t('is_archived', { when: instant(String(row.archived_at)) })}</Notice>}
      {lead?.(row)}
      <Tabs current={current.id} tabs={all.map((one, n) => ({ ...one, href: recordPath(resource.plural, row.id, n === 0 ? undefined : one.id) }))} />
      {current.show()}
    </>
  );
}

/** Its own name; of what has none, what it is, and of what. */
function useName(resource: Resource, row: Row): string {
  const about = title(row) ? undefined : abouts.map((name) => resource.fields.find((field) => field.name === `${name}_id` && field.ref && row[field.name])).find(Boolean);
  const { data } = useGet<Row>(about ? `/v1/${about.ref}/${String(row[about.name])}` : null);
  return title(row) || [label(resource.name), title(data)].filter(Boolean).join(': ');
}

const isEmpty = (value: unknown) => value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length);

export function Facts({ resource, row, names }: { resource: Resource; row: Row; names?: string[] }) {
  const fields = resource.fields.filter((field) => (names ? names.includes(field.name) : !COMMON.includes(field.name)));
  const filled = fields.filter((field) => !isEmpty(row[field.name]));
  const empty = fields.filter((field) => isEmpty(row[field.name]));
  return (
    <section class="card" aria-label={t('facts')}>
      <FactList fields={filled} row={row} />
      {empty.length > 0 && <details class="blank"><summary>{t('blank', { count: empty.length })}</summary>
        <p>{empty.map((field) => label(field.name)).join(' · ')}</p></details>}
      {typeof row.updated_at === 'string' && <p class="hint">{t('changed_at', { when: instant(row.updated_at) })}</p>}
    </section>
  );
}

export const FactList = ({ fields, row }: { fields: Field[]; row: Row }) => (
  <dl class="facts">
    {fields.map((field) => <div key={field.name} class={field.kind === 'long' ? 'long' : ''}><dt>{label(field.name)}</dt><dd><Value field={field} value={row[field.name]} row={row} /></dd></div>)}
  </dl>
);

/** Rows of another resource that belong to this one: the first, a way to all, and a way to one more. */
export function Related({ of, plural, row, text }: { of: Resource; plural: Plural; row: Row; text?: string }) {
  const resource = useResource(plural);
  const by = `${of.name}_id`;
  const isAsked = resource?.list.filters.some((filter) => filter.name === by);
  const columns = resource ? columnsOf(resource, of.name) : [];
  const path = isAsked && resource ? address(`/v1/${plural}`, { [by]: row.id, limit: ROWS, expand: expandsOf(resource, columns, of.name) }) : null;
  const { data, problem } = useGet<Page<Row>>(resource && may(resource.list) ? path : null);
  const { data: rights } = useRights(of.plural, row.id);
  if (!resource || !may(resource.list) || !isAsked) return null;
  const canAdd = rights?.adds.includes(plural) && resource.create?.fields.some((field) => field.name === by);
  if (data && !data.data.length && !canAdd) return null;
  const id = `related-${plural}`;
  return (
    <Card id={id} title={text ?? label(plural)} actions={canAdd && !row.archived_at && <a class="button quiet small" href={newPath(plural, { [by]: row.id })}>{t('add')}</a>}>
      {problem && <Trouble problem={problem} />}
      {!data && !problem && <Waiting lines={2} />}
      {data && !data.data.length && <Empty title={t('empty.related')} />}
      {data && data.data.length > 0 && <Rows resource={resource} rows={data.data} columns={columns.slice(0, 4)} of={of.name} />}
      {data?.page.has_more && <p><a href={listPath(plural, { [by]: row.id })}>{t('all', { what: label(plural).toLocaleLowerCase() })}</a></p>}
    </Card>
  );
}

interface Entry { id: string; at: string; actor_name: string | null; action: string; changed: string[]; values: globalThis.Record<string, { from: unknown; to: unknown }> | null }

function History({ resource, row }: { resource: Resource; row: Row }) {
  const audit = useResource('audit');
  const isRead = audit && may(audit.list);
  const { data, problem } = useGet<Page<Entry>>(isRead ? address('/v1/audit', { aggregateid: row.id, sort: '-at', limit: 50 }) : null);
  if (audit && !isRead) return <Empty title={t('history.hidden')} />;
  if (problem?.status === 403) return <Empty title={t('history.hidden')} />; // a director of a part
  if (problem) return <Trouble problem={problem} />;
  if (!data) return <Waiting />;
  if (!data.data.length) return <Empty title={t('history.none')} />;
  return <ol class="history">{data.data.map((entry) => <Change key={entry.id} entry={entry} resource={resource} />)}</ol>;
}

function Change({ entry, resource }: { entry: Entry; resource: Resource }) {
  const values = Object.entries(entry.values ?? {});
  const others = entry.changed.filter((name) => !entry.values?.[name]);
  const show = (name: string, value: unknown) => <Value field={resource.fields.find((field) => field.name === name) ?? guess(name, value)} value={value} />;
  return (
    <li>
      <p><b>{label(entry.action)}</b> {entry.actor_name && t('by', { name: entry.actor_name })} <time class="hint" dateTime={entry.at}>{instant(entry.at)}</time></p>
      {values.length > 0 && (
        <dl class="facts">{values.map(([name, { from, to }]) => (
          <div key={name}><dt>{label(name)}</dt><dd>{!isEmpty(from) && <><del>{show(name, from)}</del> <Icon name="arrow" /> </>}{show(name, to)}</dd></div>
        ))}</dl>
      )}
      {others.length > 0 && <p class="hint">{t('also_changed', { what: others.map(label).join(', ') })}</p>}
    </li>
  );
}
