// On a school's page: its roll call of the year, what comes of partnerships there, and how ready it is for partners.
import { useState } from 'preact/hooks';
import { act, address, call, get, Problem, type Page } from '../lib/api';
import { changedResource, useGet } from '../lib/store';
import { title, useResource, type Row } from '../lib/model';
import { useRights } from '../lib/rights';
import * as format from '../lib/format';
import { label, t } from '../lib/words';
import { Badge, Button, Card, Empty, problemText, Trouble, Waiting } from '../ui/parts';
import { Saves } from '../ui/saves';
import { tell, tellTrouble } from '../ui/toast';
import { Frame } from '../records/input';
import { Picker } from '../records/picker';
import { BASE, listPath, newPath, recordPath } from '../records/paths';
import { Figures, type Document } from './dashboard';
import { Moves } from './needs/board';

const MARKS = ['still_here', 'ended', 'wrong'];
const RATINGS = [1, 2, 3, 4];

async function said(doing: () => Promise<void>) {
  try {
    await doing();
  } catch (error) {
    if (error instanceof Problem) tellTrouble(problemText(error)); else throw error;
  }
}

/** Changes a row as it stands now. */
async function change(path: string, body: Record<string, unknown>) {
  const { etag } = await get<Row>(path);
  await call('PATCH', path, { body, etag, type: 'application/merge-patch+json' });
}

// ---- The roll call -------------------------------------------------------------------------------

export function RollCall({ row: site }: { row: Row }) {
  const resource = useResource('roll_calls');
  const year = format.thisSchoolYear();
  const { data: rights } = useRights('sites', site.id);
  const { data, problem, reload } = useGet<Page<Row>>(address('/v1/roll_calls', { site_id: site.id, limit: 20, sort: '-created_at' }));
  if (problem) return <Trouble problem={problem} again={reload} />;
  if (!data || !resource) return <Waiting lines={4} />;
  const current = data.data.find((one) => one.school_year === year);
  const before = data.data.filter((one) => one !== current);
  return (
    <>
      {current ? <OneRollCall row={current} /> : (
        <Card id="roll-call" title={t('roll.title', { year: format.schoolYear(year) })}>
          <Empty title={t('roll.none')}><p>{t('roll.none.more')}</p>
            {rights?.adds.includes('roll_calls') && <a class="button primary" href={newPath('roll_calls', { site_id: site.id, school_year: String(year) })}>{t('roll.begin')}</a>}</Empty>
        </Card>)}
      {before.length > 0 && <Card id="roll-calls" title={t('roll.before')}><ul>{before.map((one) => <li key={one.id}><a href={recordPath('roll_calls', one.id)}>{format.schoolYear(Number(one.school_year))}</a> <Badge value={String(one.status)} /></li>)}</ul></Card>}
    </>
  );
}

function OneRollCall({ row }: { row: Row }) {
  const resource = useResource('roll_calls');
  const { data: rights } = useRights('roll_calls', row.id);
  const { data, problem, reload } = useGet<Page<Row>>(address('/v1/roll_call_marks', { roll_call_id: row.id, expand: 'partner', limit: 200 }));
  const isOpen = row.status === 'open' && Boolean(rights?.actions.includes('add'));
  const left = (data?.data ?? []).filter((one) => !one.mark).length;
  return (
    <Card id="roll-call" title={<>{t('roll.title', { year: format.schoolYear(Number(row.school_year)) })} <Badge value={row.overdue ? 'overdue' : String(row.status)} /></>}>
      <p>{row.status === 'open' ? t('roll.how', { when: format.day(String(row.due_on)) }) : row.submitted_at ? t('roll.signed', { when: format.instant(String(row.submitted_at)) }) : ''}</p>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && <Waiting lines={4} />}
      {data?.data.length === 0 && <Empty title={t('roll.nobody')} />}
      <ul class="roll">{data?.data.map((mark) => <Mark key={mark.id} row={mark} isOpen={isOpen} />)}</ul>
      {data?.page.has_more && <p><a href={listPath('roll_call_marks', { roll_call_id: row.id })}>{t('all', { what: label('roll_call_marks').toLocaleLowerCase() })}</a></p>}
      {isOpen && <AddPartner rollCall={row} />}
      {data && row.status === 'open' && <p class="hint" role="status">{t('roll.left', { count: left })}</p>}
      {resource && <Moves resource={{ ...resource, actions: resource.actions.filter((action) => action.verb !== 'add') }} id={row.id} />}
    </Card>
  );
}

/** One press a partner; what is said can be said otherwise until the roll call is signed. */
function Mark({ row, isOpen }: { row: Row; isOpen: boolean }) {
  const name = title(row.partner as Row);
  const mark = async (value: string) => {
    await change(`/v1/roll_call_marks/${row.id}`, { mark: value });
    changedResource('roll_call');
  };
  return (
    <li>
      <span><a href={recordPath('partners', String(row.partner_id))}>{name}</a>{Boolean(row.is_added) && <> <Badge value="is_added" /></>}{Boolean(row.note) && <span class="hint"> {String(row.note)}</span>}</span>
      {isOpen ? <Saves saved={String(row.mark ?? '')} save={mark}>{(value, choose) => (
        <fieldset class="choices"><legend class="unseen">{name}</legend>{MARKS.map((one) => (
          <label key={one}><input type="radio" name={row.id} value={one} checked={value === one} onChange={() => choose(one)} /><span>{label(one)}</span></label>))}</fieldset>)}</Saves>
        : row.mark ? <Badge value={String(row.mark)} tone={row.mark === 'still_here' ? 'good' : 'warn'} /> : <span class="none">{t('none')}</span>}
    </li>
  );
}

function AddPartner({ rollCall }: { rollCall: Row }) {
  const [id, choose] = useState<string | null>(null);
  const add = () => said(async () => {
    await act('roll_calls', rollCall.id, 'add', { partner_id: id! }, (await get<Row>(`/v1/roll_calls/${rollCall.id}`)).etag);
    choose(null);
    changedResource('roll_call');
    tell(t('roll.added'));
  });
  return (
    <div class="roll-add"><Frame id="roll-add" text={t('roll.add')}><Picker plural="partners" id="roll-add" value={id} onChange={choose} /></Frame>
      <Button disabled={!id} onClick={() => void add()}>{t('add')}</Button></div>
  );
}

// ---- What comes of it ----------------------------------------------------------------------------

export function ImpactOf({ row }: { row: Row }) {
  const year = format.thisSchoolYear();
  const { data, problem, reload } = useGet<Document>(address('/v1/dashboard', { scope: `site:${row.id}`, school_year: year, period: 'school_year' }));
  if (problem) return <Trouble problem={problem} again={reload} />;
  if (!data) return <Waiting lines={8} />;
  return <><p><a href={`${BASE}/dashboard?${new URLSearchParams({ scope: 'site', scope_id: row.id, year: String(year) })}`}>{t('school.dashboard', { year: format.schoolYear(year) })}</a></p><Figures document={data} /></>;
}

// ---- Readiness -----------------------------------------------------------------------------------

export function Readiness({ row: site }: { row: Row }) {
  const year = format.thisSchoolYear();
  const { data: rights } = useRights('sites', site.id);
  const { data: conditions, problem } = useGet<Page<Row>>('/v1/readiness_conditions?limit=100');
  const { data: sides } = useGet<Page<Row>>(address('/v1/site_readiness', { site_id: site.id, school_year: year, limit: 100 }));
  const mayRate = rights?.adds.includes('readiness_ratings');
  const ratings = address('/v1/readiness_ratings', { site_id: site.id, school_year: year, limit: 200 });
  const { data: own } = useGet<Page<Row>>(ratings);
  const ofUs = (rows: Row[], condition: string) => rows.find((one) => one.readiness_condition_id === condition && !one.partner_id);
  const rate = async (condition: string, rating: number) => {
    const there = ofUs((await get<Page<Row>>(ratings)).data.data, condition);
    if (there) await change(`/v1/readiness_ratings/${there.id}`, { rating });
    else await call('POST', '/v1/readiness_ratings', { body: { site_id: site.id, readiness_condition_id: condition, school_year: year, rating } });
    changedResource('readiness');
  };
  if (problem) return <Trouble problem={problem} />;
  if (!conditions || !sides || !own) return <Waiting lines={6} />;
  return (
    <Card id="readiness" title={t('ready.title', { year: format.schoolYear(year) })}>
      <p class="hint">{t('ready.how')}</p>
      {!conditions.data.length && <Empty title={t('ready.none')} />}
      <ul class="roll">{conditions.data.map((condition) => {
        const side = sides.data.find((one) => one.readiness_condition_id === condition.id);
        const mine = ofUs(own.data, condition.id);
        return (
          <li key={condition.id}>
            <span>{title(condition)} {side?.differs === true && <Badge value="differs" tone="warn" />}
              <span class="hint"> {side?.partners ? t('ready.partners', { count: Number(side.partners), low: Number(side.partners_low), high: Number(side.partners_high) }) : t('ready.partners.none')}</span></span>
            {mayRate ? <Saves saved={Number(mine?.rating ?? 0)} save={(rating) => rate(condition.id, rating)}>{(value, choose) => (
              <fieldset class="choices"><legend class="unseen">{title(condition)}</legend>{RATINGS.map((one) => (
                <label key={one}><input type="radio" name={condition.id} value={one} checked={value === one} onChange={() => choose(one)} /><span title={t(`ready.${one}` as 'ready.1')}>{one}<span class="unseen"> {t(`ready.${one}` as 'ready.1')}</span></span></label>))}</fieldset>)}</Saves>
              : mine ? <b>{t('ready.of', { rating: Number(mine.rating) })}</b> : <span class="none">{t('none')}</span>}
          </li>);
      })}</ul>
    </Card>
  );
}
