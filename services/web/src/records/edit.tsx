// A row made or changed. When somebody else has changed it meanwhile, both versions stand side by side, field by field.
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { call, get, Problem, type Plural } from '../lib/api';
import { useGet, put, changedResource } from '../lib/store';
import { title, useResource, type Field, type Resource, type Row } from '../lib/model';
import { useRights } from '../lib/rights';
import { may } from '../lib/session';
import { label, t } from '../lib/words';
import { Button, Notice, Title, Trouble, Waiting } from '../ui/parts';
import { tell } from '../ui/toast';
import { Form, changes, type Values } from './form';
import { listPath, recordPath } from './paths';
import { Value } from './value';

export function New({ plural }: { plural: Plural }) {
  const resource = useResource(plural);
  const { query, route } = useLocation();
  if (!resource) return <Waiting />;
  if (!may(resource.create)) return <Refused what={label(plural)} />;
  const fields = resource.create!.fields;
  const initial = Object.fromEntries(fields.filter((field) => query[field.name] || field.initial).map((field) =>
    [field.name, field.kind === 'int' || field.kind === 'money' ? Number(query[field.name]) : query[field.name] ?? field.initial]));
  return (
    <>
      <Title crumbs={<a href={listPath(plural)}>{label(plural)}</a>}>{t('new', { what: label(resource.name).toLocaleLowerCase() })}</Title>
      <Form fields={ordered(fields)} initial={initial} draft={`${plural}/new`} submit={t('create')} onCancel={() => history.back()}
        onSubmit={async (values) => {
          const reply = await call<Row>('POST', `/v1/${plural}`, { body: said(values) });
          changedResource(plural);
          tell(t('done.created', { name: title(reply.data) || label(resource.name) }));
          route(resource.hasOne ? recordPath(plural, reply.data.id) : listPath(plural), true);
        }} />
    </>
  );
}

const Refused = ({ what }: { what: string }) => <><Title>{what}</Title><Notice tone="bad">{t('problem.forbidden')}</Notice></>;

/** Nothing is what was not said. */
const said = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ''));
const ordered = (fields: Field[]) => [...fields].sort((a, b) => Number(b.required ?? false) - Number(a.required ?? false));

export function Edit({ plural, id }: { plural: Plural; id: string }) {
  const resource = useResource(plural);
  const path = `/v1/${plural}/${id}`;
  const { data: row, etag, problem, reload } = useGet<Row>(path);
  const { data: rights, problem: unknown } = useRights(plural, id);
  if (problem || unknown) return <Trouble problem={(problem ?? unknown)!} again={reload} />;
  if (!resource || !row || !rights) return <Waiting />;
  if (!resource.patch || !rights.update_private) return <Refused what={title(row) || label(resource.name)} />;
  return <EditOne key={id} resource={resource} row={row} etag={etag ?? ''} isWhole={rights.update} />;
}

/** isWhole: not what is private alone. */
function EditOne({ resource, row: current, etag: currentTag, isWhole }: { resource: Resource; row: Row; etag: string; isWhole: boolean }) {
  const { route } = useLocation();
  const [base] = useState({ row: current, etag: currentTag }); // what is being changed, whatever comes meanwhile
  const [conflict, setConflict] = useState<{ theirs: Row; etag: string; ours: Values }>();
  const path = `/v1/${resource.plural}/${base.row.id}`;
  const fields = resource.patch!.fields.filter((field) => !field.readOnly && (isWhole || resource.fields.find((one) => one.name === field.name)?.isPrivate)).map((field) => ({
    ...field, required: field.required || resource.create?.fields.some((one) => one.name === field.name && one.required) }));
  const here = recordPath(resource.plural, base.row.id);

  const save = async (ours: Values, etag: string) => {
    if (Object.keys(ours).length) {
      const reply = await call<Row>('PATCH', path, { body: ours, etag, type: 'application/merge-patch+json' });
      put(path, reply.data, reply.etag);
      changedResource(resource.plural);
      tell(t('done.saved', { name: title(reply.data) || label(resource.name) }));
    }
    route(here, true);
  };
  const crumbs = <><a href={listPath(resource.plural)}>{label(resource.plural)}</a> <a href={here}>{title(base.row)}</a></>;
  return (
    <>
      <Title crumbs={crumbs}>{t('edit', { name: title(base.row) || label(resource.name) })}</Title>
      {conflict
        ? <Merge resource={resource} base={base.row} {...conflict} save={save} again={(ours) => setConflict((now) => now && { ...now, ours })} />
        : <Form fields={fields} initial={base.row} draft={`${resource.plural}/${base.row.id}`} submit={t('save')} onCancel={() => route(here, true)}
            onSubmit={async (values) => {
              const ours = changes(fields, base.row, values);
              try {
                await save(ours, base.etag);
              } catch (error) {
                if (!(error instanceof Problem) || error.status !== 412) throw error;
                const now = await get<Row>(path);
                setConflict({ theirs: now.data, etag: now.etag!, ours });
              }
            }} />}
    </>
  );
}

/** Fields that only one side changed are taken as they are; of the others one chooses. */
function Merge({ resource, base, theirs, etag, ours, save }: {
  resource: Resource; base: Row; theirs: Row; etag: string; ours: Values; save: (ours: Values, etag: string) => Promise<void>; again: (ours: Values) => void;
}) {
  const both = Object.keys(ours).filter((name) =>
    JSON.stringify(base[name]) !== JSON.stringify(theirs[name]) && JSON.stringify(ours[name]) !== JSON.stringify(theirs[name]));
  const [keep, setKeep] = useState<Record<string, 'ours' | 'theirs'>>({});
  const [problem, setProblem] = useState<Problem>();
  const fieldOf = (name: string) => resource.fields.find((field) => field.name === name)!;
  const done = () => save(Object.fromEntries(Object.entries(ours).filter(([name]) => !both.includes(name) || keep[name] !== 'theirs')), etag)
    .catch((error) => { if (error instanceof Problem) setProblem(error); else throw error; });
  return (
    <section class="merge" aria-labelledby="merge-title">
      <Notice tone="warn"><h2 id="merge-title">{t('conflict')}</h2><p>{t(both.length ? 'conflict.choose' : 'conflict.none')}</p></Notice>
      {problem && <Trouble problem={problem} />}
      {both.map((name) => (
        <fieldset key={name} class="card">
          <legend>{label(name)}</legend>
          {(['ours', 'theirs'] as const).map((side) => (
            <label key={side} class="tick"><input type="radio" name={name} checked={(keep[name] ?? 'ours') === side} onChange={() => setKeep({ ...keep, [name]: side })} />
              <span><b>{t(side === 'ours' ? 'conflict.ours' : 'conflict.theirs')}</b> <Value field={fieldOf(name)} value={(side === 'ours' ? ours : theirs)[name]} /></span></label>
          ))}
        </fieldset>
      ))}
      <div class="buttons"><Button kind="primary" onClick={() => void done()}>{t('save')}</Button></div>
    </section>
  );
}
