// The same done to many rows of a list: what would change is shown first, then row by row with its progress; what was refused
// says why, and what can be taken back is by one button.
import { useRef, useState } from 'preact/hooks';
import { address, call, get, Problem, type Page } from '../lib/api';
import { changedResource } from '../lib/store';
import { title, type Action, type Field, type Resource, type Row } from '../lib/model';
import { may } from '../lib/session';
import { deed, label, t } from '../lib/words';
import { Button, Dialog, Menu, Notice, problemText } from '../ui/parts';
import { tell } from '../ui/toast';
import { Form, type Values } from './form';
import { Input, Frame } from './input';
import { Picker } from './picker';

export const MOST = 500; // rows at once
const PAGE = 200;
const AT_ONCE = 4;
const TAGGED = ['sites', 'partners', 'contacts', 'partnerships'];
const SETTABLE = ['enum', 'id', 'date', 'bool', 'int', 'text'];

export type Chosen = ReadonlyMap<string, Row>;

/** What is done to a row; it gives how it is undone, if it can be. */
type Deed = (row: Row) => Promise<(() => Promise<unknown>) | undefined>;
interface Plan { text: string; rows: Row[]; left: { text: string; count: number }[]; run: Deed; canUndo: boolean }

const etagOf = (row: Row) => `"v${String(row.version)}-0"`; // a change compares the version alone

/** Whether anything at all may be done to several of them. */
export const isBulk = (resource: Resource) => Boolean(resource.patch && may(resource.patch) || resource.archive && may(resource.archive));

/** All that the list finds, as far as so many are changed at once. */
export async function all(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = ''; cursor !== null && rows.length < MOST;) {
    const url = new URL(path, location.origin);
    url.searchParams.delete('expand');
    const { data }: { data: Page<Row> } = await get<Page<Row>>(address(url.pathname, { ...Object.fromEntries(url.searchParams), limit: PAGE, cursor }));
    rows.push(...data.data);
    cursor = data.page.next_cursor;
  }
  return rows.slice(0, MOST);
}

// ---- What there is to do -------------------------------------------------------------------------

const path = (resource: Resource, row: Row) => `/v1/${resource.plural}/${row.id}`;

function planOfField(resource: Resource, rows: Row[], field: Field, value: unknown): Plan {
  const same = rows.filter((row) => (row[field.name] ?? null) === (value ?? null));
  const patch = (row: Row, etag: string, to: unknown) =>
    call<Row>('PATCH', path(resource, row), { body: { [field.name]: to ?? null }, etag, type: 'application/merge-patch+json' });
  return {
    text: label(field.name), rows: rows.filter((row) => !same.includes(row)), canUndo: true,
    left: [{ text: t('bulk.same'), count: same.length }],
    run: async (row) => {
      const { etag } = await patch(row, etagOf(row), value);
      return () => patch(row, etag!, row[field.name]);
    },
  };
}

function planOfArchive(resource: Resource, rows: Row[]): Plan {
  const over = rows.filter((row) => row.archived_at);
  return {
    text: t('archive'), rows: rows.filter((row) => !row.archived_at), left: [{ text: t('bulk.archived'), count: over.length }],
    canUndo: Boolean(resource.restore),
    run: async (row) => {
      await call('DELETE', path(resource, row), { etag: etagOf(row) });
      return async () => call('POST', `${path(resource, row)}/restore`, { etag: (await get<Row>(path(resource, row))).etag });
    },
  };
}

function planOfTag(resource: Resource, rows: Row[], tag: string): Plan {
  return {
    text: t('bulk.tag'), rows, left: [], canUndo: true,
    run: async (row) => {
      const made = await call<Row>('POST', '/v1/taggings', { body: { tag_id: tag, [`${resource.name}_id`]: row.id } });
      return () => call('DELETE', `/v1/taggings/${made.data.id}`, { etag: made.etag });
    },
  };
}

function planOfAction(resource: Resource, rows: Row[], action: Action, values: Values): Plan {
  const from = resource.flow?.filter((move) => move.verb === action.verb).map((move) => move.from);
  const state = (row: Row) => String(row.status ?? row.stage ?? '');
  const able = rows.filter((row) => !row.archived_at && (!from?.length || from.includes(state(row))));
  return {
    text: deed(action.verb), rows: able, left: [{ text: t('bulk.elsewhere'), count: rows.length - able.length }], canUndo: false,
    run: async (row) => {
      await call('POST', `${path(resource, row)}/${action.verb}`, { body: values, etag: action.needsVersion ? etagOf(row) : undefined });
      return undefined;
    },
  };
}

// ---- The bar, and its questions ------------------------------------------------------------------

type Asked = 'field' | 'tag' | Action;

export function Bulk({ resource, chosen, found, choose, clear }: {
  resource: Resource; chosen: Chosen; /** The list's address. */ found: string; choose: (rows: Row[]) => void; clear: () => void;
}) {
  const [asked, ask] = useState<Asked>();
  const [plan, setPlan] = useState<Plan>();
  const [isReading, setReading] = useState(false);
  const rows = [...chosen.values()];
  const actions = resource.actions.filter((action) => may(action) && resource.flow?.some((move) => move.verb === action.verb));
  const close = () => { ask(undefined); setPlan(undefined); };
  return (
    <div class="bulk" role="region" aria-label={t('bulk')}>
      <b role="status">{t('bulk.chosen', { count: rows.length })}</b>
      {resource.patch && may(resource.patch) && <Button onClick={() => ask('field')}>{t('bulk.field')}</Button>}
      {TAGGED.includes(resource.plural) && <Button onClick={() => ask('tag')}>{t('bulk.tag')}</Button>}
      {actions.length > 0 && <Menu text={t('actions')}>{actions.map((action) => <button key={action.verb} type="button"
        onClick={() => (action.fields.length ? ask(action) : setPlan(planOfAction(resource, rows, action, {})))}>{deed(action.verb)}</button>)}</Menu>}
      {resource.archive && may(resource.archive) && <Button onClick={() => setPlan(planOfArchive(resource, rows))}>{t('archive')}</Button>}
      <Button busy={isReading} onClick={() => {
        setReading(true);
        void all(found).then(choose).finally(() => setReading(false));
      }}>{t('bulk.all', { count: MOST })}</Button>
      <Button kind="bare" onClick={clear}>{t('bulk.clear')}</Button>
      {plan && <Run plan={plan} close={close} done={() => { changedResource(resource.plural); clear(); }} />}
      {asked && !plan && <Dialog title={t('bulk.question', { count: rows.length })} onClose={close}>
        {asked === 'field' ? <OneField resource={resource} onChosen={(field, value) => setPlan(planOfField(resource, rows, field, value))} close={close} />
          : asked === 'tag' ? <OneTag onChosen={(tag) => setPlan(planOfTag(resource, rows, tag))} close={close} />
            : <Form fields={asked.fields} submit={t('bulk.preview')} onCancel={close} onSubmit={async (values) => setPlan(planOfAction(resource, rows, asked, values))} />}
      </Dialog>}
    </div>
  );
}

function OneField({ resource, onChosen, close }: { resource: Resource; onChosen: (field: Field, value: unknown) => void; close: () => void }) {
  const fields = resource.patch!.fields.filter((field) => !field.readOnly && SETTABLE.includes(field.kind) && !['name', 'title', 'ein', 'email'].includes(field.name));
  const [name, setName] = useState('');
  const [value, setValue] = useState<unknown>(null);
  const field = fields.find((one) => one.name === name);
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); if (field) onChosen(field, value); }}>
      <Frame id="bulk-field" text={t('bulk.which')}>
        <select id="bulk-field" value={name} onChange={(event) => { setName(event.currentTarget.value); setValue(null); }}>
          <option value="">{t('choose')}</option>
          {fields.map((one) => <option key={one.name} value={one.name}>{label(one.name)}</option>)}
        </select>
      </Frame>
      {field && <Input key={name} field={{ ...field, required: false, doc: undefined }} value={value} onChange={setValue} />}
      <div class="buttons"><Button kind="primary" type="submit" disabled={!field}>{t('bulk.preview')}</Button><Button onClick={close}>{t('cancel')}</Button></div>
    </form>
  );
}

function OneTag({ onChosen, close }: { onChosen: (tag: string) => void; close: () => void }) {
  const [tag, setTag] = useState<string | null>(null);
  return (
    <form class="form" onSubmit={(event) => { event.preventDefault(); if (tag) onChosen(tag); }}>
      <Frame id="bulk-tag" text={label('tag')}><Picker plural="tags" id="bulk-tag" value={tag} onChange={setTag} /></Frame>
      <div class="buttons"><Button kind="primary" type="submit" disabled={!tag}>{t('bulk.preview')}</Button><Button onClick={close}>{t('cancel')}</Button></div>
    </form>
  );
}

// ---- Doing it ------------------------------------------------------------------------------------

interface Fault { row: Row; text: string }
interface Outcome { done: number; faults: Fault[]; undo: (() => Promise<unknown>)[] }

const wait = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Each of them, a few at a time; who asks too often waits and goes on. */
async function each<T>(items: T[], one: (item: T) => Promise<unknown>, isStopped: () => boolean) {
  const left = [...items];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let item = left.shift(); item !== undefined && !isStopped(); item = left.shift()) {
      for (let again = true; again;) {
        again = false;
        await one(item).catch(async (error) => {
          if (!(error instanceof Problem) || error.status !== 429) throw error;
          again = true;
          await wait(error.retryAfter ?? 1);
        });
      }
    }
  }));
}

function Run({ plan, close, done }: { plan: Plan; close: () => void; done: () => void }) {
  const [outcome, setOutcome] = useState<Outcome>();
  const [state, setState] = useState<'asked' | 'running' | 'over'>('asked');
  const isStopped = useRef(false);
  const run = async () => {
    const now: Outcome = { done: 0, faults: [], undo: [] };
    setState('running');
    await each(plan.rows, async (row) => {
      try {
        const undo = await plan.run(row);
        if (undo) now.undo.push(undo);
        now.done++;
      } catch (error) {
        if (!(error instanceof Problem) || error.status === 429) throw error;
        now.faults.push({ row, text: error.errors[0]?.detail ?? problemText(error) });
      }
      setOutcome({ ...now });
    }, () => isStopped.current);
    setOutcome({ ...now });
    setState('over');
  };
  const undo = () => {
    const steps = outcome?.undo ?? [];
    let failed = 0;
    void each(steps, (step) => step().catch((error) => { if (error instanceof Problem && error.status !== 429) failed++; else throw error; }), () => false)
      .then(() => { tell(t('bulk.undone', { count: steps.length - failed })); done(); });
    close();
  };
  const end = () => { isStopped.current = true; close(); if (state !== 'asked') done(); };
  return (
    <Dialog title={plan.text} onClose={end}>
      {state === 'asked' && <>
        <p>{t('bulk.changes', { count: plan.rows.length })}</p>
        {plan.left.filter((one) => one.count).map((one) => <p key={one.text} class="hint">{t('bulk.left', { count: one.count, why: one.text })}</p>)}
        {plan.rows.length > 0 && <p class="hint">{plan.rows.slice(0, 5).map((row) => title(row)).filter(Boolean).join(' · ')}{plan.rows.length > 5 && ' …'}</p>}
        {!plan.canUndo && <Notice tone="warn"><p>{t('bulk.final')}</p></Notice>}
        <div class="buttons"><Button kind="primary" disabled={!plan.rows.length} onClick={() => void run()}>{t('bulk.do', { count: plan.rows.length })}</Button>
          <Button onClick={close}>{t('cancel')}</Button></div>
      </>}
      {state !== 'asked' && <>
        <progress max={plan.rows.length} value={(outcome?.done ?? 0) + (outcome?.faults.length ?? 0)} aria-label={plan.text} />
        <p role="status">{t(state === 'over' ? 'bulk.done' : 'bulk.running', { count: outcome?.done ?? 0, of: plan.rows.length })}</p>
        {outcome && outcome.faults.length > 0 && <div class="notice bad"><p>{t('bulk.faults', { count: outcome.faults.length })}</p>
          <ul>{outcome.faults.slice(0, 50).map(({ row, text }) => <li key={row.id}><b>{title(row) || row.id}</b>: {text}</li>)}</ul></div>}
        <div class="buttons">
          {state === 'running' ? <Button onClick={() => { isStopped.current = true; }}>{t('bulk.stop')}</Button>
            : <><Button kind="primary" onClick={end}>{t('close')}</Button>
              {plan.canUndo && outcome && outcome.undo.length > 0 && <Button onClick={undo}>{t('undo')}</Button>}</>}
        </div>
      </>}
    </Dialog>
  );
}
