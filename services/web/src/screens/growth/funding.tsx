// Funding: what may be applied for and until when, what was asked and awarded, what an award carries, and which reports are due.
import { useGet } from '../../lib/store';
import { title, type Row } from '../../lib/model';
import * as format from '../../lib/format';
import { may } from '../../lib/session';
import { label, t } from '../../lib/words';
import { Badge, Card, Empty, Title, Trouble, Waiting } from '../../ui/parts';
import { Counts, Table } from '../../ui/table';
import { Filled } from '../../charts/filled';
import { listPath, newPath, recordPath } from '../../records/paths';
import { useRows } from '../recognition/around';

const READ = 200;
const OPEN = ['planned', 'drafting', 'submitted'];

const cents = (value: unknown) => (value === null || value === undefined ? <span class="none">{t('none')}</span> : format.money(Number(value)));
const sum = (rows: Row[], name: string) => rows.reduce((all, row) => all + Number(row[name] ?? 0), 0);
const byDay = (name: string) => (a: Row, b: Row) => String(a[name] ?? '9').localeCompare(String(b[name] ?? '9'));
export const Day = ({ on, isDone }: { on: unknown; isDone?: boolean }) => (!on ? <span class="none">{t('none')}</span>
  : <span class={!isDone && String(on) < format.today() ? 'late' : ''}>{format.day(String(on))} <span class="hint">{format.away(String(on))}</span></span>);

export function Funding() {
  return <><Title actions={<a class="button quiet" href={listPath('funding_opportunities')}>{label('funding_opportunities')}</a>}>{t('funding.title')}</Title><FundingOf /></>;
}

/** Of the district, or of one partner or site. */
export function FundingOf({ query = {} }: { query?: Record<string, string> }) {
  const isPart = Object.keys(query).length > 0;
  const applications = useRows('funding_applications', { ...query, expand: 'partner,funding_opportunity', limit: READ });
  const all = applications.rows ?? [];
  const awarded = all.filter((one) => one.status === 'awarded');
  const ids = awarded.map((one) => one.id).slice(0, 50);
  const carried = useRows('funding_partnerships', ids.length ? { funding_application_id: ids, limit: READ } : null);
  const periods = useRows('funding_periods', ids.length ? { funding_application_id: ids, limit: READ } : null);
  const open = all.filter((one) => OPEN.includes(String(one.status))).sort(byDay('due_on'));
  const reports = (periods.rows ?? []).filter((one) => one.report_due_on && !one.reported_on).sort(byDay('report_due_on'));
  const late = reports.filter((one) => String(one.report_due_on) < format.today()).length;
  const share = (one: Row) => sum((carried.rows ?? []).filter((each) => each.funding_application_id === one.id), 'share_cents');
  return (
    <>
      {applications.problem && <Trouble problem={applications.problem} again={applications.reload} />}
      {!applications.rows && !applications.problem && <Waiting lines={6} />}
      {applications.rows && <Counts counts={[
        { name: t('funding.open'), value: format.number(open.length) },
        { name: t('funding.asked'), value: format.moneyShort(sum(open, 'requested_cents')) },
        { name: t('funding.awarded'), value: format.moneyShort(sum(awarded, 'awarded_cents')) },
        { name: t('funding.reports_late'), value: format.number(late), isLate: late > 0 }]} />}
      {reports.length > 0 && <Card id="reports" title={t('funding.reports')}>
        <Table name={t('funding.reports')} rows={reports} columns={[
          { head: label('funding_period'), cell: (one) => <a href={recordPath('funding_periods', one.id)}>{title(awarded.find((each) => each.id === one.funding_application_id))} {one.name ? `– ${String(one.name)}` : ''}</a> },
          { head: t('funding.days'), cell: (one) => `${format.day(String(one.from_date))} – ${format.day(String(one.until_date))}` },
          { head: label('report_due_on'), cell: (one) => <Day on={one.report_due_on} /> }]} />
      </Card>}
      {applications.rows && <Card id="open" title={t('funding.open')} actions={may(applications.resource?.create) && <a class="button quiet small" href={newPath('funding_applications', query)}>{t('add')}</a>}>
        {!open.length ? <Empty title={t('funding.none')}><p>{t('funding.none.more')}</p></Empty> : <Table name={t('funding.open')} rows={open} columns={[
          { head: label('funding_application'), cell: (one) => <><a href={recordPath('funding_applications', one.id)}>{title(one)}</a> <span class="hint">{funder(one)}</span></> },
          { head: label('status'), cell: (one) => <Badge value={String(one.status)} /> },
          { head: t('funding.applicant'), cell: applicant },
          { head: label('due_on'), cell: (one) => <Day on={one.due_on} isDone={one.status === 'submitted'} /> },
          { head: label('requested_cents'), cell: (one) => cents(one.requested_cents), isNumber: true }]} />}
      </Card>}
      {awarded.length > 0 && <Card id="awarded" title={t('funding.awards')}>
        <Table name={t('funding.awards')} rows={[...awarded].sort(byDay('until_date'))} columns={[
          { head: label('funding_application'), cell: (one) => <><a href={recordPath('funding_applications', one.id)}>{title(one)}</a> <span class="hint">{funder(one)}</span></> },
          { head: t('funding.days'), cell: (one) => <>{format.day(String(one.from_date))} – {format.day(String(one.until_date))}</> },
          { head: label('awarded_cents'), cell: (one) => cents(one.awarded_cents), isNumber: true },
          { head: t('funding.carried'), cell: (one) => <Filled asked={Number(one.awarded_cents)} promised={share(one)} delivered={0} text={t('stories.of', { some: format.money(share(one)), all: format.money(Number(one.awarded_cents)) })} /> }]} />
        <p class="hint">{t('funding.carried.more')}</p>
      </Card>}
      {!isPart && <><Opportunities /><Sustained /></>}
      {applications.data?.page.has_more && <p><a href={listPath('funding_applications', query)}>{t('more')}</a></p>}
    </>
  );
}
const funder = (one: Row) => String((one.funding_opportunity as Row | null)?.funder ?? '');
const applicant = (one: Row) => (one.partner_id ? <a href={recordPath('partners', String(one.partner_id))}>{title(one.partner as Row)}</a> : t('needs.district'));

const amountOf = (one: Row) => (one.least_cents === null ? one.most_cents === null ? cents(null) : t('funding.up_to', { most: format.money(Number(one.most_cents)) })
  : one.most_cents === null ? t('funding.at_least', { least: format.money(Number(one.least_cents)) }) : <>{cents(one.least_cents)} – {cents(one.most_cents)}</>);

function Opportunities() {
  const { resource, rows } = useRows('funding_opportunities', { 'due_on[gte]': format.today(), sort: 'due_on', limit: 20 });
  if (!rows) return null;
  return (
    <Card id="opportunities" title={t('funding.soon')} actions={may(resource?.create) && <a class="button quiet small" href={newPath('funding_opportunities')}>{t('add')}</a>}>
      {!rows.length ? <Empty title={t('funding.soon.none')}><p>{t('funding.soon.none.more')}</p></Empty> : <Table name={t('funding.soon')} rows={rows} columns={[
        { head: label('funding_opportunity'), cell: (one) => <><a href={recordPath('funding_opportunities', one.id)}>{title(one)}</a> <span class="hint">{String(one.funder)}</span></> },
        { head: t('funding.applicant'), cell: (one) => label(String(one.applicant)) },
        { head: label('due_on'), cell: (one) => <Day on={one.due_on} /> },
        { head: t('funding.amount'), cell: amountOf, isNumber: true }]} />}
    </Card>
  );
}

interface Secured { count: number; before_cents: number; secured_cents: number; award_cents: number }

/** How much of what partnerships are given is sure for the year that comes. */
function Sustained() {
  const year = format.thisSchoolYear() + 1;
  const { data } = useGet<Secured>(`/v1/sustainability?school_year=${year}`);
  if (!data?.count) return null;
  return (
    <Card id="sustained" title={t('funding.sustained', { year: format.schoolYear(year) })}>
      <Filled asked={data.before_cents} promised={data.secured_cents} delivered={data.award_cents}
        text={t('funding.sustained.text', { secured: format.moneyShort(data.secured_cents), before: format.moneyShort(data.before_cents), awards: format.moneyShort(data.award_cents) })} />
    </Card>
  );
}
