// One wave: what it asks, whom, who has answered, what it found.
import { useState } from 'preact/hooks';
import { address, get, type Page } from '../../lib/api';
import { useResource, type Row } from '../../lib/model';
import { useGet } from '../../lib/store';
import { hasRole } from '../../lib/session';
import * as format from '../../lib/format';
import { label, t, type Key } from '../../lib/words';
import { Bars } from '../../charts/bars';
import { Badge, Button, Card, Empty, Notice, Trouble, Waiting } from '../../ui/parts';
import { Facts, Record as RecordPage } from '../../records/record';
import { listPath, recordPath } from '../../records/paths';
import { Preview } from './preview';
import type { Instrument } from './instrument';
import { seesResults } from './draft';
import { Rates, ResultsOf } from './results';
import { FEW, OverTime } from '../../charts/long';
import { DataTable } from '../../charts/table';

interface Transitions { possible: { action: string; missing: string[] }[] }
interface Person { user_id: string | null; contact_id: string | null; name: string; address: string | null; audience: string | null; reason: string | null;
  relationships: { partnership_id: string; name: string; reason: string | null }[] }
interface Audience { asked: number; relationships: number; over_five: number; left_out: Record<string, number>; people: Person[]; next: string | null }

export function Survey({ id, part }: { id: string; part?: string }) {
  return <RecordPage plural="surveys" id={id} part={part} parts={(row) => [
    { id: 'overview', text: t('part.overview'), show: () => <Overview row={row} /> },
    ...(hasRole('admin', 'director', 'executive') ? [{ id: 'audience', text: t('survey.audience'), show: () => <AudienceOf row={row} /> }] : []),
    ...(row.opened_at && seesResults() ? [{ id: 'progress', text: t('survey.progress'), show: () => <Progress row={row} /> }, { id: 'results', text: t('survey.results'), show: () => <ResultsOf row={row} /> }] : []),
  ]} />;
}

const FACTS = ['instrument_id', 'school_year', 'opens_on', 'closes_on', 'opened_at', 'closed_at', 'asks_district', 'asks_partner', 'partner_id', 'site_id', 'audience', 'contact_filter_id', 'user_filter_id',
  'late_joiners', 'opening_hour', 'reminder_days', 'is_sensitive', 'consent_note', 'introduction', 'status_reason'];

function Overview({ row }: { row: Row }) {
  const resource = useResource('surveys');
  const { data: instrument } = useGet<Row & Instrument>(`/v1/instruments/${String(row.instrument_id)}`);
  const { data: moves } = useGet<Transitions>(`/v1/surveys/${row.id}/transitions`);
  const missing = [...new Set(moves?.possible.flatMap((one) => (['open', 'schedule'].includes(one.action) ? one.missing : [])) ?? [])];
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {missing.length > 0 && <Notice tone="warn"><p>{t('missing')}</p><ul>{missing.map((one) => <li key={one}>{label(one)}</li>)}</ul></Notice>}
      <Card id="mode" title={<>{t('survey.mode')} <Badge value={String(row.mode)} tone="plain" /></>}><p>{t(`survey.mode.${String(row.mode)}` as Key)}</p></Card>
      {typeof row.public_code === 'string' && <PublicLink row={row} code={row.public_code} />}
      {resource && <Facts resource={resource} row={row} names={FACTS} />}
      {instrument && <Card id="asks" title={t('survey.asks')} actions={<Button class="small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{t('instrument.preview')}</Button>}>
        <p><a href={recordPath('instruments', instrument.id)}>{instrument.name}</a> <span class="hint">{t('instrument.counts', { count: instrument.questions.length, sections: instrument.sections.length })}</span></p>
        {isOpen && <Preview document={instrument} />}
      </Card>}
    </>
  );
}

function PublicLink({ row, code }: { row: Row; code: string }) {
  const { data: district } = useGet<{ district: { slug: string } }>('/v1/me');
  if (!district) return null;
  const link = `${location.origin}/d/${district.district.slug}/survey/${code}`;
  return <Card id="public" title={t('survey.public')}><p><a href={link}>{link}</a></p><p class="hint">{t('survey.public.more', { hourly: Number(row.public_hourly), total: Number(row.public_total) })}</p></Card>;
}

/** Before it opens: who would be asked; afterward: what was decided. Everybody who is left out stands there with the reason. */
function AudienceOf({ row }: { row: Row }) {
  const path = `/v1/surveys/${row.id}/audience`;
  const { data, problem, reload } = useGet<Audience>(`${path}?limit=50`);
  const [more, setMore] = useState<{ people: Person[]; next: string | null }>();
  const [only, setOnly] = useState<'all' | 'asked' | 'left_out'>('all');
  if (problem) return <Trouble problem={problem} again={reload} />;
  if (!data) return <Waiting lines={6} />;
  const people = [...data.people, ...(more?.people ?? [])];
  const next = more ? more.next : data.next;
  const shown = people.filter((one) => only === 'all' || (only === 'asked') === (one.reason === null));
  const leftOut = Object.entries(data.left_out).sort((a, b) => b[1] - a[1]);
  const read = async () => {
    const { data: page } = await get<Audience>(path, { limit: 200, after: next });
    setMore({ people: [...(more?.people ?? []), ...page.people], next: page.next });
  };
  return (
    <>
      <Card id="asked" title={t(row.opened_at ? 'survey.was_asked' : 'survey.would_ask')}>
        <dl class="counts">
          <div><dd>{format.number(data.asked)}</dd><dt>{t('survey.people')}</dt></div>
          <div><dd>{format.number(data.relationships)}</dd><dt>{t('survey.relationships')}</dt></div>
          {data.over_five > 0 && <div><dd>{format.number(data.over_five)}</dd><dt>{t('survey.over_five')}</dt></div>}
        </dl>
        {leftOut.length > 0 && <><h3>{t(row.opened_at ? 'survey.no_mail' : 'survey.left_out')}</h3><Bars title={t('survey.left_out')} format={String} bars={leftOut.map(([reason, count]) => ({ label: label(reason), value: count }))} /></>}
        {!people.length && <Empty title={t('survey.nobody')}><p>{t('survey.nobody.more')}</p></Empty>}
      </Card>
      {people.length > 0 && <>
        <div class="filters" role="group" aria-label={t('filters')}>{(['all', 'asked', 'left_out'] as const).map((one) => <Button key={one} class="small" aria-pressed={one === only} onClick={() => setOnly(one)}>{t(`survey.only.${one}`)}</Button>)}</div>
        <div class="table-box" tabIndex={0} role="group" aria-label={t('survey.audience')}>
          <table class="rows"><thead><tr><th scope="col">{label('name')}</th><th scope="col">{label('address')}</th><th scope="col">{label('side')}</th><th scope="col">{t('survey.about')}</th><th scope="col">{t('survey.why_not')}</th></tr></thead>
            <tbody>{shown.map((one) => <OnePerson key={one.user_id ?? one.contact_id} person={one} />)}</tbody></table>
        </div>
        {next && <div class="more"><Button onClick={() => void read()}>{t('more')}</Button></div>}
      </>}
    </>
  );
}

const OnePerson = ({ person }: { person: Person }) => (
  <tr>
    <th scope="row"><a href={person.contact_id ? recordPath('contacts', person.contact_id) : recordPath('users', person.user_id!)}>{person.name}</a></th>
    <td data-label={label('address')}>{person.address ?? t('none')}</td>
    <td data-label={label('side')}>{person.audience ? label(person.audience) : t('none')}</td>
    <td data-label={t('survey.about')}><ul>{person.relationships.map((one) => <li key={one.partnership_id}>{one.reason ? <del>{one.name}</del> : <a href={recordPath('partnerships', one.partnership_id)}>{one.name}</a>}
      {one.reason && <> <span class="hint">{label(one.reason)}</span></>}</li>)}</ul></td>
    <td data-label={t('survey.why_not')}>{person.reason ? <Badge value={person.reason} tone="warn" /> : <span class="none">{t('none')}</span>}</td>
  </tr>
);

const STATUSES = ['answered', 'partial', 'invited', 'declined', 'delegated', 'bounced', 'left_org', 'excluded'];
interface Day { day: string; sent: number; answered: number | null }

function Progress({ row }: { row: Row }) {
  const { data, problem } = useGet<Parameters<typeof Rates>[0]['data']>(address(`/v1/surveys/${row.id}/results`, { by: 'all' }));
  const { data: days } = useGet<{ days: Day[] }>(`/v1/surveys/${row.id}/progress`);
  return (
    <>
      {data ? <Rates data={data} /> : <Waiting problem={problem} />}
      {row.mode === 'anonymous' ? <Notice><p>{t('survey.progress.anonymous')}</p></Notice> : <Statuses row={row} />}
      {days && days.days.length > 0 && <ByDay days={days.days} />}
      {row.mode !== 'anonymous' && row.status !== 'closed' && <StillMissing row={row} />}
    </>
  );
}

/** Both lines grow: the distance between them is who is still asked. */
function ByDay({ days }: { days: Day[] }) {
  let sent = 0;
  let answered = 0;
  const sums = days.map((one) => ({ day: one.day, sent: (sent += one.sent), answered: (answered += one.answered ?? 0) }));
  const isTold = days.some((one) => one.answered !== null);
  return (
    <Card id="by-day" title={t('survey.by_day')}>
      {days.length > FEW ? <OverTime title={t('survey.by_day')} head={t('survey.day')} by="day" days={days.map((one) => one.day)} format={(value) => format.number(value)} series={[
        { name: t('survey.sent'), tone: 'quiet', values: sums.map((one) => one.sent) },
        ...(isTold ? [{ name: label('answered'), tone: 'accent' as const, values: sums.map((one) => one.answered) }] : [])]} /> : <Columns days={days} sums={sums} isTold={isTold} />}
    </Card>
  );
}

function Columns({ days, sums, isTold }: { days: Day[]; sums: { day: string; sent: number; answered: number }[]; isTold: boolean }) {
  const most = Math.max(...sums.map((one) => Math.max(one.sent, one.answered)), 1);
  return (
    <>
      <svg class="columns" viewBox={`0 0 ${sums.length * 12} 60`} preserveAspectRatio="none" aria-hidden="true">{sums.map((one, n) => (
        <g key={one.day}><rect class="quiet" x={n * 12 + 1} width={10} y={60 - (one.sent / most) * 60} height={(one.sent / most) * 60} />
          <rect class="accent" x={n * 12 + 1} width={10} y={60 - (one.answered / most) * 60} height={(one.answered / most) * 60} /></g>
      ))}</svg>
      <p class="hint"><span class="key quiet">{t('survey.sent')}</span> <span class="key accent">{label('answered')}</span> {format.day(days[0]!.day)} – {format.day(days[days.length - 1]!.day)}</p>
      <DataTable title={t('survey.by_day')} head={[t('survey.day'), t('survey.sent'), label('answered')]} rows={days.map((one) => [format.day(one.day), one.sent, isTold ? one.answered ?? 0 : t('none')])} />
    </>
  );
}

function Statuses({ row }: { row: Row }) {
  return (
    <Card id="statuses" title={t('survey.invitations')} actions={<a class="button quiet small" href={listPath('survey_invitations', { survey_id: row.id })}>{t('all', { what: label('survey_invitations').toLocaleLowerCase() })}</a>}>
      <dl class="counts">{STATUSES.map((one) => <Count key={one} survey={row.id} status={one} />)}</dl>
    </Card>
  );
}

function Count({ survey, status }: { survey: string; status: string }) {
  const { data } = useGet<Page<Row>>(address('/v1/survey_invitations', { survey_id: survey, status, limit: 1, count: 'exact' }));
  if (!data?.page.total) return null;
  return <div><dd>{format.number(data.page.total)}</dd><dt><a href={listPath('survey_invitations', { survey_id: survey, status })}>{label(status)}</a></dt></div>;
}

function StillMissing({ row }: { row: Row }) {
  const { data, problem } = useGet<Page<Row>>(address('/v1/survey_invitations', { survey_id: row.id, status: 'invited,partial', limit: 100, expand: 'contact' }));
  if (!data) return <Waiting problem={problem} />;
  return (
    <Card id="still-missing" title={t('survey.still_missing')}>
      {!data.data.length && <Empty title={t('survey.all_answered')} />}
      {data.data.length > 0 && <div class="table-box" tabIndex={0} role="group" aria-label={t('survey.still_missing')}>
        <table class="rows"><thead><tr><th scope="col">{label('address')}</th><th scope="col">{label('status')}</th><th scope="col" class="number">{label('reminders')}</th></tr></thead>
          <tbody>{data.data.map((one) => (
            <tr key={one.id}><th scope="row"><a href={one.contact_id ? recordPath('contacts', String(one.contact_id)) : recordPath('users', String(one.user_id))}>{String(one.address ?? t('none'))}</a></th>
              <td data-label={label('status')}><Badge value={String(one.status)} /></td><td class="number" data-label={label('reminders')}>{Number(one.reminders)}</td></tr>
          ))}</tbody></table></div>}
      {data.page.has_more && <p><a href={listPath('survey_invitations', { survey_id: row.id, status: 'invited,partial' })}>{t('more')}</a></p>}
    </Card>
  );
}
