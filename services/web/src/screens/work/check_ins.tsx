// Check-ins by the day on which they are due: what is done, and whose half is missing.
import { useLocation } from 'preact-iso';
import { address, type Page } from '../../lib/api';
import type { CheckIn } from '../../gen/types';
import { title, type Row } from '../../lib/model';
import { useGet } from '../../lib/store';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { Badge, Button, Card, Empty, Title, Trouble, Waiting } from '../../ui/parts';
import { List } from '../../records/list';
import { listPath, recordPath } from '../../records/paths';
import { firstOf, lastOf, Month, monthName, monthOf, monthsOn } from './month';

type One = CheckIn & Row & { partnership?: Row };
const OVER = ['skipped', 'cancelled'];
const SHOWN = 3;

export const CheckIns = () => (useLocation().query.view === 'calendar' ? <Calendar /> : <List plural="check_ins" />);

function Calendar() {
  const { query, route } = useLocation();
  const month = /^\d{4}-\d\d$/.test(query.month ?? '') ? query.month! : monthOf(format.today());
  const isQuarter = query.span === 'quarter';
  const months = isQuarter ? [0, 1, 2].map((n) => monthsOn(month, n)) : [month];
  const from = firstOf(months[0]!);
  const until = lastOf(months[months.length - 1]!);
  const { data, problem, reload } = useGet<Page<One>>(address('/v1/check_ins', { 'due_on[gte]': from, 'due_on[lte]': until, limit: 200, sort: 'due_on', expand: 'partnership', count: 'exact' }));
  const to = (changes: Record<string, string>) => route(listPath('check_ins', Object.fromEntries(Object.entries({ view: 'calendar', month, span: query.span ?? '', ...changes }).filter(([, value]) => value))), true);
  const span = isQuarter ? `${monthName(months[0]!)} – ${monthName(months[2]!)}` : monthName(month);
  return (
    <>
      <Title crumbs={<a href={listPath('check_ins')}>{label('check_ins')}</a>} of={<span class="hint">{span}</span>}>{t('calendar.check_ins')}</Title>
      <div class="filters" role="group" aria-label={t('filters')}>
        <Button onClick={() => to({ month: monthsOn(month, isQuarter ? -3 : -1) })}>{t('calendar.before')}</Button>
        <Button onClick={() => to({ month: monthOf(format.today()) })}>{t('calendar.today')}</Button>
        <Button onClick={() => to({ month: monthsOn(month, isQuarter ? 3 : 1) })}>{t('calendar.after')}</Button>
        <Button aria-pressed={!isQuarter} onClick={() => to({ span: '' })}>{label('month')}</Button>
        <Button aria-pressed={isQuarter} onClick={() => to({ span: 'quarter' })}>{label('quarter')}</Button>
      </div>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={8} />}
      {data && <Shown {...{ data, months, from, until }} />}
    </>
  );
}

const isDone = (one: One) => one.status === 'complete';
const lacks = (one: One, side: string) => !isDone(one) && !OVER.includes(one.status) && one.missing.includes(`${side}_half`);

function Shown({ data, months, from, until }: { data: Page<One>; months: string[]; from: string; until: string }) {
  const rows = data.data.filter((one) => !OVER.includes(one.status));
  const byDay = grouped(rows);
  const all = listPath('check_ins', { 'due_on[gte]': from, 'due_on[lte]': until });
  return (
    <>
      <Card id="sums" title={t('calendar.sums')} actions={<a class="button quiet small" href={all}>{t('calendar.as_list')}</a>}>
        <dl class="counts">
          <div><dd>{format.number(data.page.has_more ? data.page.total ?? rows.length : rows.length)}</dd><dt>{t('calendar.due')}</dt></div>
          <div><dd>{format.number(rows.filter(isDone).length)}</dd><dt>{label('complete')}</dt></div>
          <div><dd>{format.number(rows.filter((one) => one.overdue).length)}</dd><dt>{label('overdue')}</dt></div>
          <div><dd>{format.number(rows.filter((one) => lacks(one, 'district')).length)}</dd><dt>{t('calendar.lacks_district')}</dt></div>
          <div><dd>{format.number(rows.filter((one) => lacks(one, 'partner')).length)}</dd><dt>{t('calendar.lacks_partner')}</dt></div>
        </dl>
        {data.page.has_more && <p class="hint">{t('calendar.first', { count: data.data.length })}</p>}
      </Card>
      {!rows.length && <Empty title={t('calendar.none')} />}
      {rows.length > 0 && months.map((month) => <Month key={month} month={month} caption={monthName(month)} show={(day) => { const some = byDay.get(day); return some ? <Day day={day} rows={some} /> : null; }} />)}
    </>
  );
}

function grouped(rows: One[]): Map<string, One[]> {
  const found = new Map<string, One[]>();
  rows.forEach((one) => found.set(one.due_on, [...(found.get(one.due_on) ?? []), one]));
  return found;
}

const sign = (one: One) => (isDone(one) ? 'complete' : one.overdue ? 'overdue' : lacks(one, 'district') === lacks(one, 'partner') ? one.status : lacks(one, 'district') ? 'district_half' : 'partner_half');

const Day = ({ day, rows }: { day: string; rows: One[] }) => (
  <ul>
    {rows.slice(0, SHOWN).map((one) => <li key={one.id}><a href={recordPath('check_ins', one.id)}>{title(one.partnership) || label('check_in')}</a> <Badge value={sign(one)} tone={isDone(one) ? 'good' : one.overdue ? 'bad' : 'plain'} /></li>)}
    {rows.length > SHOWN && <li><a href={listPath('check_ins', { 'due_on[gte]': day, 'due_on[lte]': day })}>{t('home.more', { count: rows.length - SHOWN })}</a></li>}
  </ul>
);
