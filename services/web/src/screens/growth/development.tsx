// Development and coaching: which trainings come, who takes part and what they came to; how each school leader is coached this year.
import { useLocation } from 'preact-iso';
import { title, type Row } from '../../lib/model';
import * as format from '../../lib/format';
import { may } from '../../lib/session';
import { label, t } from '../../lib/words';
import { Badge, Card, Empty, Tabs, Title, Trouble, Waiting } from '../../ui/parts';
import { Counts, Table } from '../../ui/table';
import { Filled } from '../../charts/filled';
import { BASE, listPath, newPath, recordPath } from '../../records/paths';
import { Reference } from '../../records/value';
import { Controls, useAddress, Year } from '../needs/around';
import { useRows } from '../recognition/around';

const READ = 200;
const HERE = `${BASE}/development`;

export function Development() {
  const at = useLocation().path.endsWith('/coaching') ? 'coaching' : 'trainings';
  return (
    <>
      <Title>{t('development.title')}</Title>
      <Tabs current={at} tabs={[{ id: 'trainings', text: label('trainings'), href: HERE }, { id: 'coaching', text: t('coaching.title'), href: `${HERE}/coaching` }]} />
      {at === 'trainings' ? <Trainings /> : <Coaching />}
    </>
  );
}

const yearDays = (year: number) => [`${year - 1}-07-01`, `${year}-06-30`] as const;

/** Of the district, or of one partner or site. */
export function Trainings({ query: of = {} }: { query?: Record<string, string> }) {
  const { query, set } = useAddress();
  const year = Number(query.year ?? format.thisSchoolYear());
  const [from, until] = yearDays(year);
  const { resource, rows, data, problem, reload } = useRows('trainings', { ...of, 'on_date[gte]': from, 'on_date[lte]': until, sort: 'on_date', expand: 'partner', limit: READ });
  const coming = (rows ?? []).filter((one) => String(one.until_date ?? one.on_date) >= format.today());
  const held = (rows ?? []).filter((one) => !coming.includes(one)).reverse();
  const total = (name: string) => (rows ?? []).reduce((all, one) => all + Number(one[name] ?? 0), 0);
  const add = may(resource?.create) && <a class="button quiet small" href={newPath('trainings', of)}>{t('add')}</a>;
  return (
    <>
      <Controls><Year query={query} set={set} year={year} /></Controls>
      {problem && <Trouble problem={problem} again={reload} />}
      {!rows && !problem && <Waiting lines={6} />}
      {rows && !rows.length && <Empty title={t('trainings.none')}><p>{t('trainings.none.more')}</p>{add}</Empty>}
      {rows && rows.length > 0 && <>
        <Counts counts={[{ name: t('trainings.coming'), value: format.number(coming.length) }, { name: t('trainings.held'), value: format.number(held.length) },
          { name: t('trainings.attended'), value: format.number(total('attended')) }, { name: t('trainings.hours'), value: format.number(total('attended_hours'), 0) }]} />
        <Card id="coming" title={t('trainings.coming')} actions={add}>
          {!coming.length ? <Empty title={t('trainings.coming.none')} /> : <Table name={t('trainings.coming')} rows={coming} columns={[
            ...about(), { head: t('trainings.seats'), cell: seats }]} />}
        </Card>
        {held.length > 0 && <Card id="held" title={t('trainings.held')}><Table name={t('trainings.held')} rows={held} columns={[
          ...about(), { head: t('trainings.came'), cell: (one) => t('trainings.of', { some: Number(one.attended), all: Number(one.seats_taken) }) },
          { head: t('trainings.hours'), cell: (one) => format.number(String(one.attended_hours), 0), isNumber: true }]} /></Card>}
      </>}
      {data?.page.has_more && <p><a href={listPath('trainings', of)}>{t('more')}</a></p>}
    </>
  );
}

const about = () => [
  { head: label('training'), cell: (one: Row) => <><a href={recordPath('trainings', one.id)}>{title(one)}</a> <span class="hint">{one.partner_id ? title(one.partner as Row) : t('needs.district')}</span></> },
  { head: t('trainings.day'), cell: (one: Row) => <>{format.day(String(one.on_date))} {String(one.on_date) >= format.today() && <span class="hint">{format.away(String(one.on_date))}</span>}</> },
  { head: label('audience'), cell: (one: Row) => label(String(one.audience)) },
];
const seats = (one: Row) => (one.seats ? <Filled asked={Number(one.seats)} promised={Number(one.seats_taken)} text={t('trainings.taken', { some: Number(one.seats_taken), all: Number(one.seats) })} />
  : t('trainings.registered', { count: Number(one.seats_taken) }));

// ---- Coaching ------------------------------------------------------------------------------------

const SKILLS = ['sourcing', 'tracking', 'communication', 'evaluation'] as const;
const mean = (rows: Row[], name: string) => { const rated = rows.map((one) => one[name]).filter((one) => typeof one === 'number') as number[]; return rated.length ? rated.reduce((a, b) => a + b, 0) / rated.length : null; };

function Coaching() {
  const { query, set } = useAddress();
  const year = Number(query.year ?? format.thisSchoolYear());
  const { resource, rows, problem, reload, isHidden } = useRows('coachings', { school_year: year, expand: 'site,user', limit: READ });
  if (isHidden) return <Empty title={t('coaching.hidden')}><p>{t('coaching.hidden.more')}</p></Empty>;
  const talked = (rows ?? []).filter((one) => one.on_date && String(one.on_date) <= format.today());
  const open = [...rows ?? []].sort((a, b) => String(a.on_date ?? '9').localeCompare(String(b.on_date ?? '9')));
  const add = may(resource?.create) && <a class="button quiet small" href={newPath('coachings', { school_year: String(year) })}>{t('coaching.plan')}</a>;
  return (
    <>
      <Controls><Year query={query} set={set} year={year} /></Controls>
      {problem && <Trouble problem={problem} again={reload} />}
      {!rows && !problem && <Waiting lines={6} />}
      {rows?.length === 0 && <Empty title={t('coaching.none')}><p>{t('coaching.none.more')}</p>{add}</Empty>}
      {rows && rows.length > 0 && <>
        <Counts counts={[{ name: t('coaching.leaders'), value: format.number(new Set(rows.map((one) => one.user_id)).size) }, { name: t('coaching.talked'), value: t('stories.of', { some: talked.length, all: rows.length }) },
          ...SKILLS.map((name) => { const value = mean(rows, name); return { name: label(name), value: value === null ? t('none') : format.number(value, 1) }; })]} />
        <Card id="coachings" title={t('coaching.title')} actions={add}>
          <p class="hint">{t('coaching.scale')}</p>
          <Table name={t('coaching.title')} rows={open} columns={[
            { head: t('coaching.leader'), cell: (one) => <><a href={recordPath('coachings', one.id)}>{title(one.user as Row)}</a> <span class="hint">{title(one.site as Row)}</span></> },
            { head: t('coaching.coach'), cell: (one) => (one.coach_id ? <Reference plural="users" id={String(one.coach_id)} /> : <Badge value="nobody" tone="warn" />) },
            { head: t('coaching.day'), cell: (one) => (one.on_date ? format.day(String(one.on_date)) : <Badge value="not_planned" tone="warn" />) },
            ...SKILLS.map((name) => ({ head: label(name), cell: (one: Row) => (one[name] === null || one[name] === undefined ? <span class="none">{t('none')}</span> : format.number(Number(one[name]))), isNumber: true })),
            { head: label('next_steps'), cell: (one) => <span class="prose">{one.next_steps ? String(one.next_steps) : t('none')}</span> }]} />
        </Card>
      </>}
    </>
  );
}
