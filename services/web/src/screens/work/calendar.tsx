// The district's year: its quarters, days on which schools are closed, days without mail, and the hours of mails. What a change
// touches is told before it is made.
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { address, call, get, Problem, type Page } from '../../lib/api';
import type { Blackout, ClosedDay, District, ReportingQuarter } from '../../gen/types';
import { useResource, type Row } from '../../lib/model';
import { changed, useGet } from '../../lib/store';
import { useRights } from '../../lib/rights';
import { may, self } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Button, Card, Empty, Notice, problemText, Title, Waiting } from '../../ui/parts';
import { Saves } from '../../ui/saves';
import { tell } from '../../ui/toast';
import { Frame } from '../../records/input';
import { BASE, recordPath } from '../../records/paths';
import { Month, monthName, monthsOn } from './month';

type Quarter = ReportingQuarter & Row;
type Closed = ClosedDay & Row;
type Black = Blackout & Row;
const within = (day: string, one: { starts_on: string; ends_on: string | null }) => one.starts_on <= day && day <= (one.ends_on ?? one.starts_on);

const touched = () => changed((path) => /reporting_quarters|closed_days|blackouts|districts|check_ins/.test(path));

/** Runs a change, and keeps what is wrong with it. */
function useChange(): [(work: () => Promise<unknown>) => Promise<boolean>, Problem | undefined] {
  const [problem, setProblem] = useState<Problem>();
  return [async (work) => {
    try {
      await work();
      setProblem(undefined);
      touched();
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      return false;
    }
  }, problem];
}

const Wrong = ({ problem }: { problem?: Problem }) => (problem
  ? <Notice tone="bad">{problem.errors.length ? <ul>{problem.errors.map((one) => <li key={one.pointer + one.detail}>{label(one.pointer.split('/')[1] ?? '')}: {one.detail}</li>)}</ul> : <p>{problemText(problem)}</p>}</Notice> : null);

export function YearCalendar() {
  const { query, route } = useLocation();
  const year = Number(query.year ?? format.thisSchoolYear());
  const [from, until] = [`${year - 1}-07-01`, `${year}-06-30`];
  const { data: quarters, problem } = useGet<Page<Quarter>>(address('/v1/reporting_quarters', { school_year: year, limit: 20 }));
  const { data: closed } = useGet<Page<Closed>>(address('/v1/closed_days', { 'site_id[is]': 'null', 'starts_on[gte]': from, 'starts_on[lte]': until, limit: 200, sort: 'starts_on' }));
  const { data: blackouts } = useGet<Page<Black>>(address('/v1/blackouts', { 'site_id[is]': 'null', 'starts_on[gte]': from, 'starts_on[lte]': until, limit: 200, sort: 'starts_on' }));
  const go = (to: number) => route(`${BASE}/calendar?year=${to}`, true);
  if (!quarters || !closed || !blackouts) return <Waiting lines={8} problem={problem} />;
  const ordered = [...quarters.data].sort((a, b) => a.number - b.number);
  const kindOf = (day: string) => {
    const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
    const quarter = ordered.find((one) => within(day, one));
    return [blackouts.data.some((one) => within(day, one)) ? 'black' : '', closed.data.some((one) => !one.is_open && within(day, one)) ? 'closed' : '',
      weekday === 0 || weekday === 6 ? 'weekend' : '', quarter ? `quarter-${quarter.number % 2}` : 'no-quarter'].filter(Boolean).join(' ');
  };
  return (
    <>
      <Title of={<span class="hint">{format.schoolYear(year)}</span>} actions={<><Button onClick={() => go(year - 1)}>{format.schoolYear(year - 1)}</Button><Button onClick={() => go(year + 1)}>{format.schoolYear(year + 1)}</Button></>}>{t('year.title')}</Title>
      <p class="legend">{(['quarter-1', 'quarter-0', 'closed', 'black'] as const).map((one) => <span key={one}><span class={`mark ${one}`} aria-hidden="true" /> {t(`year.${one}`)}</span>)}</p>
      <div class="year">{Array.from({ length: 12 }, (_, n) => monthsOn(`${year - 1}-07`, n)).map((month) => <Month key={month} month={month} caption={monthName(month)} isSmall show={() => null} kindOf={kindOf} />)}</div>
      <Quarters year={year} rows={ordered} />
      <Days plural="closed_days" title={t('year.closed_days')} hint={t('year.closed_days.hint')} rows={closed.data} />
      <Days plural="blackouts" title={t('year.blackouts')} hint={t('year.blackouts.hint')} rows={blackouts.data} />
      <Hours />
    </>
  );
}

function Quarters({ year, rows }: { year: number; rows: Quarter[] }) {
  const resource = useResource('reporting_quarters');
  const [change, problem] = useChange();
  const numbers = [1, 2, 3, 4];
  if (!resource) return <Waiting />;
  const canWrite = may(resource.patch);
  const move = async (row: Quarter, name: 'starts_on' | 'ends_on', day: string) => {
    const { etag } = await get<Row>(`/v1/reporting_quarters/${row.id}`);
    await call('PATCH', `/v1/reporting_quarters/${row.id}`, { body: { [name]: day }, etag, type: 'application/merge-patch+json' });
    touched();
    tell(t('done.saved', { name: t('year.quarter', { n: row.number }) }));
  };
  const add = (number: number) => change(() => call('POST', '/v1/reporting_quarters', { body: { school_year: year, number, ...standard(year, number) } }));
  return (
    <Card id="quarters" title={label('reporting_quarters')}>
      <p class="hint">{t('year.quarters.hint')}</p>
      <Wrong problem={problem} />
      <div class="table-box" tabIndex={0} role="group" aria-label={label('reporting_quarters')}>
        <table class="rows"><thead><tr><th scope="col">{label('quarter')}</th><th scope="col">{label('starts_on')}</th><th scope="col">{label('ends_on')}</th><th scope="col">{t('year.due')}</th></tr></thead>
          <tbody>{numbers.map((number) => {
            const row = rows.find((one) => one.number === number);
            return row ? (
              <tr key={number}><th scope="row">{t('year.quarter', { n: number })}</th>
                {(['starts_on', 'ends_on'] as const).map((name) => <td key={name} data-label={label(name)}>{canWrite
                  ? <Saves saved={row[name]} save={(day) => move(row, name, day)}>{(value, choose) => (
                    <input class="date" type="date" aria-label={`${t('year.quarter', { n: number })}: ${label(name)}`} value={value} onChange={(event) => event.currentTarget.value && choose(event.currentTarget.value)} />)}</Saves> : format.day(row[name])}</td>)}
                <td data-label={t('year.due')}><Due from={row.starts_on} until={row.ends_on} /></td></tr>
            ) : <tr key={number}><th scope="row">{t('year.quarter', { n: number })}</th><td colSpan={3}>{canWrite ? <Button class="small" onClick={() => void add(number)}>{t('year.enter', standardWords(year, number))}</Button> : t('none')}</td></tr>;
          })}</tbody></table>
      </div>
    </Card>
  );
}

/** July to June. */
const standard = (year: number, number: number) => ({
  starts_on: [`${year - 1}-07-01`, `${year - 1}-10-01`, `${year}-01-01`, `${year}-04-01`][number - 1]!, ends_on: [`${year - 1}-09-30`, `${year - 1}-12-31`, `${year}-03-31`, `${year}-06-30`][number - 1]! });
const standardWords = (year: number, number: number) => { const days = standard(year, number); return { from: format.day(days.starts_on), until: format.day(days.ends_on) }; };

function Due({ from, until }: { from: string; until: string }) {
  const { data } = useGet<Page<Row>>(address('/v1/check_ins', { 'due_on[gte]': from, 'due_on[lte]': until, status: 'scheduled,open', limit: 1, count: 'exact' }));
  return data ? <>{format.number(data.page.total ?? 0)}</> : <>…</>;
}

function Days({ plural, title, hint, rows }: { plural: 'closed_days' | 'blackouts'; title: string; hint: string; rows: (Closed | Black)[] }) {
  const resource = useResource(plural);
  const [change, problem] = useChange();
  const [days, setDays] = useState({ starts_on: '', ends_on: '', reason: '' });
  if (!resource) return <Waiting />;
  const remove = (row: Row) => change(async () => {
    const { etag } = await get<Row>(`/v1/${plural}/${row.id}`);
    await call('DELETE', `/v1/${plural}/${row.id}`, { etag });
    tell(t('done.archived', { name: String(row.reason) }), () => void change(async () => call('POST', `/v1/${plural}/${row.id}/restore`, { etag: (await get<Row>(`/v1/${plural}/${row.id}`)).etag })));
  });
  const add = async (event: Event) => {
    event.preventDefault();
    const ends = plural === 'blackouts' ? { ends_on: days.ends_on || days.starts_on } : days.ends_on ? { ends_on: days.ends_on } : {};
    if (await change(() => call('POST', `/v1/${plural}`, { body: { starts_on: days.starts_on, reason: days.reason, ...ends } }))) setDays({ starts_on: '', ends_on: '', reason: '' });
  };
  return (
    <Card id={plural} title={title}>
      <p class="hint">{hint}</p>
      {!rows.length && <Empty title={t('empty.related')} />}
      <ul class="days">{rows.map((row) => (
        <li key={row.id}><span>{format.day(row.starts_on, { weekday: 'short', month: 'short', day: 'numeric' })}{row.ends_on && row.ends_on !== row.starts_on && ` – ${format.day(row.ends_on, { weekday: 'short', month: 'short', day: 'numeric' })}`}</span> <a href={recordPath(plural, row.id)}>{row.reason}</a>
          {may(resource.archive) && <Button kind="bare" class="small" onClick={() => void remove(row)} aria-label={t('instrument.remove', { what: row.reason })}>{t('remove')}</Button>}</li>
      ))}</ul>
      {may(resource.create) && <form class="add-days" onSubmit={(event) => void add(event)} noValidate>
        <Wrong problem={problem} />
        <div class="side-by-side">
          {(['starts_on', 'ends_on'] as const).map((name) => <Frame key={name} id={`${plural}-${name}`} text={label(name)} optional={name === 'ends_on'}><input id={`${plural}-${name}`} type="date" value={days[name]} onInput={(event) => setDays({ ...days, [name]: event.currentTarget.value })} /></Frame>)}
          <Frame id={`${plural}-reason`} text={label('reason')}><input id={`${plural}-reason`} type="text" value={days.reason} onInput={(event) => setDays({ ...days, reason: event.currentTarget.value })} /></Frame>
        </div>
        {days.starts_on && <Touched from={days.starts_on} until={days.ends_on || days.starts_on} isClosed={plural === 'closed_days'} />}
        <Button type="submit">{t('year.add_days')}</Button>
      </form>}
    </Card>
  );
}

/** What is due in those days: it moves to the next school day, or is mailed after them. */
function Touched({ from, until, isClosed }: { from: string; until: string; isClosed: boolean }) {
  const { data: due } = useGet<Page<Row>>(from <= until ? address('/v1/check_ins', { 'due_on[gte]': from, 'due_on[lte]': until, status: 'scheduled,open', limit: 1, count: 'exact' }) : null);
  const { data: meetings } = useGet<Page<Row>>(from <= until ? address('/v1/convenings', { 'starts_at[gte]': `${from}T00:00:00Z`, 'starts_at[lte]': `${until}T23:59:59Z`, status: 'planned,invited', limit: 1, count: 'exact' }) : null);
  if (!due || !meetings) return null;
  return <Notice><p role="status">{t(isClosed ? 'year.touched' : 'year.touched.mail', { count: due.page.total ?? 0, meetings: meetings.page.total ?? 0 })}</p></Notice>;
}

function Hours() {
  const { data: rights } = useRights('districts', self().district.id);
  const path = `/v1/districts/${self().district.id}`;
  const { data: district, problem } = useGet<District & Row>(path);
  if (!rights || !district) return <Waiting problem={problem} />;
  const canWrite = rights.update;
  const set = async (name: string, value: number) => {
    const { etag } = await get<Row>(path);
    await call('PATCH', path, { body: { [name]: value }, etag, type: 'application/merge-patch+json' });
    touched();
    tell(t('done.saved', { name: label(name) }));
  };
  return (
    <Card id="hours" title={t('year.hours')}>
      <p class="hint">{t('year.hours.hint', { zone: format.zoneName(district.zone) })}</p>
      <div class="side-by-side">{(['mail_hour', 'mail_until_hour', 'mail_weekly_cap'] as const).map((name) => (
        <Frame key={name} id={name} text={label(name)}>{canWrite
          ? <Saves saved={Number(district[name])} save={(value) => set(name, value)}>{(value, choose) => (
            <input id={name} class="short" type="number" value={value} onChange={(event) => event.currentTarget.value !== '' && choose(Number(event.currentTarget.value))} />)}</Saves>
          : <output id={name}>{String(district[name])}</output>}</Frame>
      ))}</div>
    </Card>
  );
}
