// What became of a file, row by row: how many made something, and of each that did not what is wrong with it, by its line.
import { useEffect, useState } from 'preact/hooks';
import { address, get, type Page } from '../../lib/api';
import { changed, useGet } from '../../lib/store';
import type { Row } from '../../lib/model';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Button, Card, Empty, Notice, Waiting } from '../../ui/parts';
import { Record as RecordPage } from '../../records/record';
import { newPath, recordPath } from '../../records/paths';

export type Import = Row & { kind: string; status: string; dry_run: boolean; rows_read: number; created: number; updated: number; unchanged: number; rejected: number; reverted: number; conflicts: number;
  reason: string | null; mapping: Record<string, string>; constants: Record<string, string>; unmapped: string[]; finished_at: string | null };
interface Line { line: number; outcome: string | null; id: string | null; cells: string[] | null; errors: { column: string | null; code: string; detail: string }[] }
const COUNTS = ['created', 'updated', 'unchanged', 'rejected', 'reverted', 'conflicts'] as const;
const AGAIN_MS = 700;

export const isRunning = (row: Import) => ['received', 'running', 'reverting'].includes(row.status);

/** As long as rows are worked on, how many are done is asked again. */
export function usePolled(row: Import | undefined) {
  useEffect(() => {
    if (!row || !isRunning(row)) return;
    const timer = setInterval(() => changed((path) => path.startsWith(`/v1/imports/${row.id}`)), AGAIN_MS);
    return () => clearInterval(timer);
  }, [row?.id, row?.status]);
}

export const ImportPage = ({ id, part }: { id: string; part?: string }) =>
  <RecordPage plural="imports" id={id} part={part} parts={(row) => [{ id: 'report', text: t('import.report'), show: () => <Overview row={row as Import} /> }]} />;

function Overview({ row }: { row: Import }) {
  usePolled(row);
  return (
    <>
      {row.dry_run && <Notice><p>{t('import.was_dry')} <a href={newPath('imports', { kind: row.kind })}>{t('import.again')}</a></p></Notice>}
      <Report row={row} />
      <Card id="columns" title={t('import.columns')}>
        <dl class="facts">{Object.entries(row.mapping).map(([field, column]) => <div key={field}><dt>{column}</dt><dd>{label(field)}</dd></div>)}
          {Object.entries(row.constants).map(([field, value]) => <div key={field}><dt>{t('import.constant')}</dt><dd>{label(field)}: {label(value)}</dd></div>)}</dl>
        {row.unmapped.length > 0 && <p class="hint">{t('import.unmapped', { columns: row.unmapped.join(', ') })}</p>}
      </Card>
    </>
  );
}

export function Report({ row }: { row: Import }) {
  const counts = COUNTS.filter((one) => row[one] > 0);
  const [outcome, setOutcome] = useState<string | null>(null);
  const shown = outcome ?? (row.rejected ? 'rejected' : counts[0] === 'conflicts' ? 'conflict' : counts[0] ?? null);
  if (isRunning(row))
    return <Card id="running" title={t('import.running')}><progress aria-labelledby="running" /><p role="status">{t('import.rows', { count: COUNTS.reduce((sum, one) => sum + row[one], 0) })}</p></Card>;
  return (
    <>
      {row.status === 'failed' && <Notice tone="bad"><p>{row.reason || label('failed')}</p></Notice>}
      <Card id="counts" title={t(row.dry_run ? 'import.would' : 'import.did', { count: row.rows_read })}>
        <dl class="counts">{counts.map((one) => {
          const value = one === 'conflicts' ? 'conflict' : one;
          return <div key={one}><dd>{format.number(row[one])}</dd><dt><button type="button" class="as-link" aria-pressed={shown === value} onClick={() => setOutcome(value)}>{t(`import.${one}`)}</button></dt></div>;
        })}</dl>
        {!counts.length && <Empty title={t('import.no_rows')} />}
      </Card>
      {shown && <Lines key={shown} row={row} outcome={shown} />}
    </>
  );
}

function Lines({ row, outcome }: { row: Import; outcome: string }) {
  const path = address(`/v1/imports/${row.id}/rows`, { outcome, limit: 50 });
  const { data, problem } = useGet<Page<Line>>(path);
  const [more, setMore] = useState<Page<Line>>();
  if (!data) return <Waiting problem={problem} />;
  const lines = [...data.data, ...(more?.data ?? [])];
  const cursor = (more ?? data).page.next_cursor;
  const read = async () => {
    const { data: next } = await get<Page<Line>>(address(path.split('?')[0]!, { outcome, limit: 200, cursor }));
    setMore({ ...next, data: [...(more?.data ?? []), ...next.data] });
  };
  const hasErrors = lines.some((line) => line.errors.length);
  return (
    <>
      <div class="table-box" tabIndex={0} role="group" aria-label={t('import.lines')}>
        <table class="rows"><thead><tr><th scope="col">{t('import.line')}</th>{hasErrors && <th scope="col">{t('import.wrong')}</th>}<th scope="col">{hasErrors ? t('import.cells') : t('import.what')}</th></tr></thead>
          <tbody>{lines.map((line) => (
            <tr key={line.line}><th scope="row">{format.number(line.line)}</th>
              {hasErrors && <td data-label={t('import.wrong')}><ul>{line.errors.map((one) => <li key={one.column + one.code}>{one.column && <b>{one.column}: </b>}{one.detail}</li>)}</ul></td>}
              <td data-label={hasErrors ? t('import.cells') : t('import.what')} class="samples">{line.cells?.filter(Boolean).join(' · ')
                || (line.id && !row.dry_run && row.status !== 'reverted' ? <a href={recordPath(row.kind, line.id)}>{t('import.open')}</a> : <span class="none">{t('none')}</span>)}</td></tr>
          ))}</tbody></table>
      </div>
      {cursor && <div class="more"><Button onClick={() => void read()}>{t('more')}</Button></div>}
    </>
  );
}
