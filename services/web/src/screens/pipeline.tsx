// Partnerships by how far they have come, a column a status; whoever may moves one on from its page.
import { address, type Page } from '../lib/api';
import { useGet } from '../lib/store';
import { field, title, useResource, type Row } from '../lib/model';
import { label, t } from '../lib/words';
import { Button, Title, Trouble, Waiting } from '../ui/parts';
import { listPath, recordPath } from '../records/paths';

const SHOWN = 20;
const OVER = ['ended', 'declined'];

export function Pipeline() {
  const resource = useResource('partnerships');
  if (!resource) return <Waiting lines={8} />;
  const statuses = (field(resource, 'status')?.values ?? []).filter((status) => !OVER.includes(status));
  return (
    <>
      <Title crumbs={<a href={listPath('partnerships')}>{label('partnerships')}</a>} actions={<Button onClick={() => print()}>{t('dashboard.print')}</Button>}>{t('pipeline.title')}</Title>
      <div class="board">{statuses.map((status) => <Column key={status} status={status} />)}</div>
    </>
  );
}

function Column({ status }: { status: string }) {
  const { data, problem } = useGet<Page<Row>>(address('/v1/partnerships', { status, limit: SHOWN, expand: 'partner', count: 'exact' }));
  const id = `column-${status}`;
  return (
    <section class="column" aria-labelledby={id}>
      <h2 id={id}>{label(status)}{data?.page.total !== undefined && <span class="count">{data.page.total}</span>}</h2>
      {problem && <Trouble problem={problem} />}
      {!data && !problem && <Waiting lines={2} />}
      <ul>{data?.data.map((row) => (
        <li key={row.id}><a class="ticket" href={recordPath('partnerships', row.id)}>
          <b>{title(row)}</b>
          <span class="hint">{title(row.partner as Row | undefined)}</span>
          {Array.isArray(row.gate_missing) && row.gate_missing.length > 0 && <span class="hint">{t('missing')} {row.gate_missing.map((one) => label(String(one))).join(', ')}</span>}
        </a></li>
      ))}</ul>
      {data?.page.has_more && <a href={listPath('partnerships', { status })}>{t('all', { what: label(status).toLocaleLowerCase() })}</a>}
    </section>
  );
}
