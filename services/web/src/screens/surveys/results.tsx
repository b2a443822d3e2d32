// What a wave found: by group, both sides beside each other, question by question, and over the years. What is hidden says why.
import { useLocation } from 'preact-iso';
import { address, download, type Problem } from '../../lib/api';
import type { Row } from '../../lib/model';
import { useGet } from '../../lib/store';
import * as format from '../../lib/format';
import { label, t } from '../../lib/words';
import { DataTable } from '../../charts/table';
import { Line } from '../../charts/line';
import { Shares } from '../../charts/shares';
import { Spread, type SpreadRow } from '../../charts/spread';
import { Card, Empty, Menu, Notice, Trouble, Waiting } from '../../ui/parts';
import { tellTrouble } from '../../ui/toast';
import { Frame } from '../../records/input';
import { recordPath } from '../../records/paths';
import { say, type Words } from './instrument';

type Figures = Record<string, string>;
interface Group { key: string; name: string; and: string | null; is_suppressed: boolean; answers: number | null; scores: Figures; deviations: Figures;
  views: { district: Figures | null; partner: Figures | null; difference: Figures | null } }
interface Results { status: string; threshold: number; invited: number; answers: number | null; rates: { asked: string; invited: number; answered: number; rate: string }[];
  groups: Group[]; has_more: boolean; next_after: string | null; comments: string[] }
interface Spot { mean: string | null; deviation: string | null }
interface Told { code: string; kind: string; text: Words; factor: string | null; answers: number; mean: string | null; median: string | null; quartiles: string[]; deviation: string | null;
  importance: Spot | null; occurrence: Spot | null; gap: string | null; gap_rank: number | null; values: { of: string | null; value: string; count: number; share: string | null }[] }
interface Questions { is_suppressed: boolean; threshold: number; answers: number | null; name: string; factors: { code: string; name: Words; mean: string | null; deviation: string | null }[]; questions: Told[] }
interface Trends { waves: { survey_id: string; name: string; school_year: number; opens_on: string; answers: number | null; is_suppressed: boolean; scores: Figures }[] }

const BY = ['all', 'side', 'audience', 'partner', 'partnership', 'partnership_kind', 'site', 'network'] as const;
const SHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const two = (value: number) => format.number(value, 2);

export function ResultsOf({ row }: { row: Row }) {
  const { query, route, path } = useLocation();
  const by = BY.find((one) => one === query.by) ?? 'all';
  const key = by === 'all' ? 'all' : query.key;
  const set = (changes: Record<string, string | null>) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) if (value) next.set(name, value); else next.delete(name);
    route(`${path}?${next}`, true);
  };
  const { data, problem, reload } = useGet<Results>(address(`/v1/surveys/${row.id}/results`, { by, limit: 200 }));
  const { data: questions } = useGet<Questions>(key ? address(`/v1/surveys/${row.id}/results/questions`, { by, key }) : null);
  const { data: trends } = useGet<Trends>(key ? address(`/v1/instruments/${String(row.instrument_id)}/trends`, { by, key, limit: 10 }) : null);
  if (problem) return <Trouble problem={problem} again={reload} />;
  if (!data) return <Waiting lines={8} />;
  if (['draft', 'scheduled', 'cancelled'].includes(data.status)) return <Empty title={t('results.not_yet')}><p>{t('results.not_yet.more')}</p></Empty>;
  const names = new Map((questions?.factors ?? []).map((one) => [one.code, say(one.name)]));
  const nameOf = (code: string) => names.get(code) || label(code);
  return (
    <>
      <Controls {...{ row, by, set, data }} groupKey={query.key} />
      <Rates data={data} />
      {by !== 'all' && <Groups {...{ data, by, nameOf }} chosen={query.key} choose={(one) => set({ key: one })} />}
      {key && questions && (questions.is_suppressed ? <Hidden threshold={questions.threshold} status={data.status} /> : <OneGroup {...{ questions, nameOf }} group={data.groups.find((one) => one.key === key)} isAll={by === 'all'} />)}
      {key && trends && <Trend trends={trends} nameOf={nameOf} />}
      {by === 'all' && <Comments comments={data.comments} />}
    </>
  );
}

const Hidden = ({ threshold, status }: { threshold: number; status: string }) => (
  <Notice><p>{t('results.hidden', { count: threshold })}</p>{status !== 'closed' && <p>{t('results.hidden.open')}</p>}</Notice>
);

function Controls({ row, by, set, data, groupKey }: { row: Row; by: string; set: (changes: Record<string, string | null>) => void; data: Results; groupKey?: string }) {
  const file = (path: string, accept: string, ending: string) => download(address(`/v1/surveys/${row.id}/${path}`, { by }), accept, `${String(row.name)}-${format.today()}.${ending}`)
    .catch((error: Problem) => tellTrouble(error.detail || error.title));
  return (
    <div class="filters controls">
      <Frame id="by" text={t('results.by')}>
        <select id="by" value={by} onChange={(event) => set({ by: event.currentTarget.value === 'all' ? null : event.currentTarget.value, key: null })}>
          {BY.map((one) => <option key={one} value={one}>{one === 'all' ? t('results.all') : label(one)}</option>)}
        </select>
      </Frame>
      {by !== 'all' && <Frame id="group" text={label(by)}>
        <select id="group" value={groupKey ?? ''} onChange={(event) => set({ key: event.currentTarget.value || null })}>
          <option value="">{t('choose')}</option>
          {data.groups.map((one) => <option key={one.key} value={one.key}>{groupName(one)}</option>)}
        </select>
      </Frame>}
      <Menu text={t('export')}>
        <button type="button" onClick={() => void file('results_csv', 'text/csv', 'csv')}>{t('export.csv')}</button>
        <button type="button" onClick={() => void file('results_sheet', SHEET, 'xlsx')}>{t('export.sheet')}</button>
      </Menu>
    </div>
  );
}

const groupName = (group: Group) => (group.name === group.key ? label(group.name) : group.name);

export function Rates({ data }: { data: Results }) {
  return (
    <Card id="rates" title={t('results.rates')}>
      <dl class="counts">
        <div><dd>{format.number(data.invited)}</dd><dt>{t('results.invited')}</dt></div>
        {data.rates.map((one) => <div key={one.asked}><dd>{format.percent(one.rate, 0)}</dd>
          <dt>{t('results.rate', { who: label(one.asked), answered: one.answered, invited: one.invited })}</dt></div>)}
        {data.answers !== null && <div><dd>{format.number(data.answers)}</dd><dt>{t('results.answers')}</dt></div>}
      </dl>
    </Card>
  );
}

/** Groups of one kind in a table; those that are hidden are there, without figures. */
function Groups({ data, by, nameOf, chosen, choose }: { data: Results; by: string; nameOf: (code: string) => string; chosen?: string; choose: (key: string) => void }) {
  const factors = [...new Set(data.groups.flatMap((group) => Object.keys(group.scores)))];
  const told = data.groups.filter((group) => !group.is_suppressed).sort((a, b) => a.name.localeCompare(b.name));
  const hidden = data.groups.length - told.length;
  return (
    <Card id="groups" title={t('results.groups', { by: label(by).toLocaleLowerCase() })}>
      {told.length > 0 && <div class="table-box" tabIndex={0} role="group" aria-label={label(by)}>
        <table class="rows"><thead><tr><th scope="col">{label(by)}</th><th scope="col" class="number">{t('results.answers')}</th>{factors.map((one) => <th key={one} scope="col" class="number">{nameOf(one)}</th>)}</tr></thead>
          <tbody>{told.map((group) => (
            <tr key={group.key}><th scope="row"><button type="button" class="as-link" aria-pressed={group.key === chosen} onClick={() => choose(group.key)}>{groupName(group)}</button></th>
              <td class="number" data-label={t('results.answers')}>{group.answers}</td>
              {factors.map((one) => <td key={one} class="number" data-label={nameOf(one)}>{group.scores[one] ? two(Number(group.scores[one])) : t('none')}</td>)}</tr>
          ))}</tbody></table></div>}
      {hidden > 0 && <p class="hint">{t('results.groups.hidden', { count: hidden, threshold: data.threshold })}</p>}
      {!data.groups.length && <Empty title={t('empty.related')} />}
      {data.has_more && <p class="hint">{t('results.groups.more')}</p>}
    </Card>
  );
}

function OneGroup({ questions, group, nameOf, isAll }: { questions: Questions; group?: Group; nameOf: (code: string) => string; isAll: boolean }) {
  const both = group?.views.district && group.views.partner ? group.views : null;
  const rows: SpreadRow[] = questions.factors.filter((one) => one.mean !== null).map((one) => ({ label: say(one.name), views: both?.district?.[one.code] && both.partner?.[one.code]
    ? [{ name: label('district'), mean: Number(both.district[one.code]) }, { name: label('partner'), mean: Number(both.partner[one.code]), tone: 'quiet' }]
    : [{ name: say(one.name), mean: Number(one.mean), deviation: one.deviation === null ? null : Number(one.deviation) }] }));
  return (
    <>
      {rows.length > 0 && <Card id="factors" title={isAll ? t('results.factors') : t('results.factors.of', { name: group ? groupName(group) : questions.name })}>
        <p class="hint">{t(both ? 'results.both' : 'results.spread')}</p>
        <Spread rows={rows} format={two} />
        <DataTable title={t('results.factors')} head={['', t('results.mean'), t('results.deviation'), ...(both ? [label('district'), label('partner'), t('results.difference')] : [])]}
          rows={questions.factors.map((one) => [say(one.name), one.mean ? two(Number(one.mean)) : t('none'), one.deviation ? two(Number(one.deviation)) : t('none'),
            ...(both ? [both.district, both.partner, both.difference].map((view) => (view?.[one.code] ? two(Number(view[one.code])) : t('none'))) : [])])} />
      </Card>}
      <Gaps questions={questions.questions} />
      <Card id="questions" title={t('results.questions')}>
        {questions.questions.filter((one) => one.kind !== 'text').map((one) => <OneQuestion key={one.code} question={one} factor={one.factor ? nameOf(one.factor) : null} />)}
      </Card>
    </>
  );
}

function OneQuestion({ question, factor }: { question: Told; factor: string | null }) {
  const value = (text: string) => (text === 'true' || text === 'false' ? t(text === 'true' ? 'yes' : 'no') : text);
  const parts = question.kind === 'importance_occurrence' ? ['importance', 'occurrence'] as const : [null];
  return (
    <article class="told">
      <h3>{say(question.text)}</h3>
      <p class="hint">{[t('results.answers_to', { count: question.answers }), question.mean && t('results.mean_is', { mean: two(Number(question.mean)) }), question.deviation && `± ${two(Number(question.deviation))}`,
        question.median && t('results.median_is', { median: two(Number(question.median)) }), factor].filter(Boolean).join(' · ')}</p>
      {parts.map((of) => {
        const shares = question.values.filter((one) => one.of === of).map((one) => ({ label: value(one.value), share: Number(one.share ?? 0), count: one.count }));
        if (!shares.length) return null;
        return (
          <div key={of ?? ''}>
            {of && <p class="scale-of">{t(`instrument.${of}`)}</p>}
            <Shares shares={shares} format={(one) => format.percent(one, 0)} />
            <DataTable title={say(question.text)} head={['', t('results.count'), t('results.share')]} rows={shares.map((one) => [one.label, one.count, format.percent(one.share, 0)])} />
          </div>
        );
      })}
      {question.quartiles.length > 0 && <p class="hint">{t('results.quartiles', { list: question.quartiles.join(' · ') })}</p>}
    </article>
  );
}

/** What matters and does not happen: the widest gap first. */
function Gaps({ questions }: { questions: Told[] }) {
  const ranked = questions.filter((one) => one.gap !== null && one.importance?.mean && one.occurrence?.mean).sort((a, b) => (a.gap_rank ?? 99) - (b.gap_rank ?? 99));
  if (!ranked.length) return null;
  return (
    <Card id="gaps" title={t('results.gaps')}>
      <p class="hint">{t('results.gaps.more')}</p>
      <Spread format={two} rows={ranked.map((one) => ({ label: say(one.text), views: [
        { name: t('instrument.importance'), mean: Number(one.importance!.mean) }, { name: t('instrument.occurrence'), mean: Number(one.occurrence!.mean), tone: 'quiet' as const }] }))} />
      <DataTable title={t('results.gaps')} head={['', t('instrument.importance'), t('instrument.occurrence'), t('results.gap')]}
        rows={ranked.map((one) => [say(one.text), two(Number(one.importance!.mean)), two(Number(one.occurrence!.mean)), two(Number(one.gap))])} />
    </Card>
  );
}

export function Trend({ trends, nameOf }: { trends: Trends; nameOf: (code: string) => string }) {
  const told = trends.waves.filter((wave) => !wave.is_suppressed);
  const factors = [...new Set(told.flatMap((wave) => Object.keys(wave.scores)))];
  if (told.length < 2 || !factors.length) return null;
  return (
    <Card id="trends" title={t('results.trends')}>
      <div class="tiles">{factors.map((code) => (
        <article key={code} class="tile"><h3>{nameOf(code)}</h3>
          <Line title={nameOf(code)} format={two} points={trends.waves.map((wave) => ({ label: `${wave.name}, ${format.month(wave.opens_on)}`, value: wave.scores[code] ? Number(wave.scores[code]) : null }))} /></article>
      ))}</div>
      <ul class="inline">{trends.waves.map((wave) => <li key={wave.survey_id}><a href={recordPath('surveys', wave.survey_id)}>{wave.name}</a> <span class="hint">{format.schoolYear(wave.school_year)}</span></li>)}</ul>
    </Card>
  );
}

/** The same words of several stand once. */
function Comments({ comments }: { comments: string[] }) {
  const counted = new Map<string, number>();
  comments.forEach((text) => counted.set(text, (counted.get(text) ?? 0) + 1));
  return (
    <Card id="comments" title={t('results.comments')}>
      {!comments.length && <Empty title={t('results.comments.none')} />}
      <ul class="comments">{[...counted].map(([text, times]) => <li key={text}><q>{text}</q>{times > 1 && <span class="count">{t('results.times', { count: times })}</span>}</li>)}</ul>
    </Card>
  );
}
