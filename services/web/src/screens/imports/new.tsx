// A file imported: what it is → what its columns mean → tried, with nothing kept → done, and it can be taken back.
import { useLocation } from 'preact-iso';
import { useEffect, useRef, useState } from 'preact/hooks';
import { address, call, Problem, type Fault } from '../../lib/api';
import { resources, useResource, type Field, type Row } from '../../lib/model';
import { changed, useGet } from '../../lib/store';
import { hasRole } from '../../lib/session';
import { label, t } from '../../lib/words';
import { Button, Card, Notice, problemText, Title, Waiting } from '../../ui/parts';
import { Frame } from '../../records/input';
import { listPath, recordPath } from '../../records/paths';
import { guess, headOf, type Head } from './csv';
import { KINDS, WITH_OWN_FIELDS } from './kinds';
import { isRunning, Report, usePolled, type Import } from './report';

const OWN = 'custom.';
const codeOf = (column: string) => `${OWN}${column.normalize('NFD').replace(/[^\w\s-]/g, '').trim().toLowerCase().replace(/[\s-]+/g, '_').slice(0, 40) || 'field'}`;
const importable = () => KINDS.filter((kind) => { const { create, read } = resources[kind] ?? {}; return create ? hasRole(...create) : read ? hasRole('admin', 'director', 'data_steward') : false; });

interface Plan { mapping: (string | null)[]; constants: Record<string, string>; empty_cells: 'keep' | 'clear' }

export function NewImport() {
  const { query, route } = useLocation();
  const kind = KINDS.find((one) => one === query.kind) ?? 'partners';
  const resource = useResource(kind);
  const [file, setFile] = useState<File>();
  const [head, setHead] = useState<Head>();
  const [plan, setPlan] = useState<Plan>({ mapping: [], constants: {}, empty_cells: 'keep' });
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const [tried, setTried] = useState<string>();
  const fields = resource?.create?.fields ?? resource?.patch?.fields ?? [];

  useEffect(() => { if (head && resource) { setPlan((now) => ({ ...now, mapping: guess(head.columns, fields), constants: {} })); setTried(undefined); } }, [head, resource?.plural]);
  const take = async (chosen: File | undefined) => {
    setFile(chosen);
    setTried(undefined);
    setProblem(undefined);
    setHead(chosen && await headOf(chosen));
  };
  const send = async (dry_run: boolean) => {
    if (!file || !head) return;
    setBusy(true);
    setProblem(undefined);
    const mapping = Object.fromEntries(plan.mapping.flatMap((name, n) => (name ? [[name, head.columns[n]!]] : [])));
    const own = Object.keys(mapping).filter((name) => name.startsWith(OWN));
    const json = (value: object) => (Object.keys(value).length ? JSON.stringify(value) : undefined);
    try {
      const { data } = await call<Row>('POST', address('/v1/imports', { kind, dry_run, mapping: json(mapping), empty_cells: plan.empty_cells,
        constants: json(Object.fromEntries(Object.entries(plan.constants).filter(([, value]) => value !== ''))),
        new_fields: json(Object.fromEntries(own.map((name) => [name, 'text']))) }), { body: file, type: 'text/csv' });
      changed((path) => path.startsWith('/v1/imports'));
      if (dry_run) setTried(data.id); else route(recordPath('imports', data.id));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const change = (more: Partial<Plan>) => { setPlan({ ...plan, ...more }); setTried(undefined); };
  return (
    <>
      <Title crumbs={<a href={listPath('imports')}>{label('imports')}</a>}>{t('import.title')}</Title>
      <Card id="import-file" title={t('import.step.file')}>
        <div class="side-by-side">
          <Frame id="kind" text={t('import.kind')}>
            <select id="kind" value={kind} onChange={(event) => route(listPath('imports/new', { kind: event.currentTarget.value }), true)}>
              {importable().map((one) => <option key={one} value={one}>{label(one)}</option>)}
            </select>
          </Frame>
          <Frame id="file" text={t('import.file')} hint={t('import.file.hint')}>
            <input id="file" type="file" accept=".csv,.txt,.tsv,text/csv" aria-describedby="file-hint" onChange={(event) => void take(event.currentTarget.files?.[0])} />
          </Frame>
        </div>
        {!file && <p class="hint">{t('import.teach')}</p>}
      </Card>
      {head && !resource && <Waiting />}
      {head && resource && <Columns {...{ head, fields, plan, change, kind }} />}
      {problem && <Refused problem={problem} />}
      {head && !tried && <div class="buttons"><Button kind="primary" busy={isBusy} onClick={() => void send(true)}>{t('import.try')}</Button><span class="hint">{t('import.try.hint')}</span></div>}
      {tried && <Tried id={tried} isBusy={isBusy} run={() => void send(false)} />}
    </>
  );
}

function Refused({ problem }: { problem: Problem }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [problem]);
  return (
    <div class="summary" ref={box} tabIndex={-1} role="alert"><h2>{t('fault.summary')}</h2>
      <ul>{problem.errors.length ? problem.errors.map((fault: Fault) => <li key={fault.pointer + fault.detail}>{fault.pointer.replace(/^\//, '')}: {fault.detail}</li>) : <li>{problemText(problem)}</li>}</ul></div>
  );
}

function Columns({ head, fields, plan, change, kind }: { head: Head; fields: Field[]; plan: Plan; change: (more: Partial<Plan>) => void; kind: string }) {
  const needed = fields.filter((field) => field.required && !plan.mapping.includes(field.name));
  const setAt = (at: number, name: string) => change({ mapping: plan.mapping.map((one, n) => (n === at ? name || null : one === name ? null : one)) });
  const sorted = [...fields].sort((a, b) => Number(b.required ?? false) - Number(a.required ?? false) || label(a.name).localeCompare(label(b.name)));
  return (
    <Card id="import-columns" title={t('import.step.columns')}>
      <div class="table-box" tabIndex={0} role="group" aria-label={t('import.step.columns')}>
        <table class="rows"><thead><tr><th scope="col">{t('import.column')}</th><th scope="col">{t('import.samples')}</th><th scope="col">{t('import.means')}</th></tr></thead>
          <tbody>{head.columns.map((column, n) => (
            <tr key={n}><th scope="row">{column || t('none')}</th>
              <td data-label={t('import.samples')} class="samples">{[...new Set(head.samples.map((row) => row[n]).filter(Boolean))].slice(0, 3).join(' · ') || <span class="none">{t('none')}</span>}</td>
              <td data-label={t('import.means')}><select class="saved" aria-label={t('import.means.of', { column })} value={plan.mapping[n] ?? ''} onChange={(event) => setAt(n, event.currentTarget.value)}>
                <option value="">{t('import.not')}</option>
                {WITH_OWN_FIELDS.includes(kind) && column && <option value={codeOf(column)}>{t('import.own')}</option>}
                {sorted.map((field) => <option key={field.name} value={field.name}>{label(field.name)}{field.required ? ' *' : ''}</option>)}
              </select></td></tr>
          ))}</tbody></table>
      </div>
      {needed.length > 0 && <fieldset class="field"><legend>{t('import.needed')}</legend><p class="hint">{t('import.needed.hint')}</p>
        <div class="side-by-side">{needed.map((field) => <Constant key={field.name} field={field} value={plan.constants[field.name] ?? ''} onChange={(value) => change({ constants: { ...plan.constants, [field.name]: value } })} />)}</div></fieldset>}
      <fieldset class="field"><legend>{t('import.empty')}</legend><div class="ticks">{(['keep', 'clear'] as const).map((one) => (
        <label key={one} class="tick"><input type="radio" name="empty" checked={plan.empty_cells === one} onChange={() => change({ empty_cells: one })} />{t(`import.empty.${one}`)}</label>
      ))}</div></fieldset>
    </Card>
  );
}

const Constant = ({ field, value, onChange }: { field: Field; value: string; onChange: (value: string) => void }) => (
  <Frame id={`constant-${field.name}`} text={label(field.name)}>
    {field.kind === 'enum'
      ? <select id={`constant-${field.name}`} value={value} onChange={(event) => onChange(event.currentTarget.value)}><option value="">{t('choose')}</option>{field.values!.map((one) => <option key={one} value={one}>{label(one)}</option>)}</select>
      : <input id={`constant-${field.name}`} type="text" value={value} onInput={(event) => onChange(event.currentTarget.value)} />}
  </Frame>
);

function Tried({ id, run, isBusy }: { id: string; run: () => void; isBusy: boolean }) {
  const { data, problem } = useGet<Import>(`/v1/imports/${id}`);
  usePolled(data);
  const heading = useRef<HTMLHeadingElement>(null);
  const isDone = data && !isRunning(data);
  useEffect(() => { if (isDone) heading.current?.focus(); }, [isDone]);
  if (!data) return <Waiting problem={problem} />;
  const good = data.created + data.updated;
  return (
    <section aria-labelledby="tried">
      <h2 id="tried" tabIndex={-1} ref={heading} class="above">{t('import.step.tried')}</h2>
      <Report row={data} />
      {isDone && data.status === 'done' && (good
        ? <div class="buttons"><Button kind="primary" busy={isBusy} onClick={run}>{t('import.run', { count: good })}</Button>{data.rejected > 0 && <span class="hint">{t('import.run.rejected', { count: data.rejected })}</span>}</div>
        : <Notice tone="warn"><p>{t('import.nothing')}</p></Notice>)}
    </section>
  );
}
