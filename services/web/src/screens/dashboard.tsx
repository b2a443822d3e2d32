// What comes of it: one document of a scope's figures, each with its target, its trend, and what was served against what was not.
import { useLocation } from 'preact-iso';
import { address, type Page } from '../lib/api';
import { useGet } from '../lib/store';

import type { Row } from '../lib/model';
import * as format from '../lib/format';
import { label, t } from '../lib/words';
import { Badge, Button, Card, Empty, Title, Trouble, Waiting } from '../ui/parts';
import { Frame } from '../records/input';
import { BASE, recordPath } from '../records/paths';
import { Line } from '../charts/line';
import { Bars } from '../charts/bars';
import { PeriodField, ScopeFields } from './scope';

interface Figure { value: string | null; value_low: string | null; value_high: string | null; is_suppressed: boolean; period_start: string; as_of: string | null }
interface Tile {
  indicator_id: string; code: string; name: string; family: string; unit: string; direction: 'up' | 'down' | 'none'; all: Figure | null; served: Figure | null; not_served: Figure | null;
  target: string | null; meets_target: boolean | null; change: string | null; changed_for: 'better' | 'worse' | 'same' | null;
  trend: { period_start: string; value: string | null; is_suppressed: boolean }[];
}
export interface Document {
  scope_kind: string; scope_id: string; name: string; school_year: number; as_of: string | null; indicators: Tile[];
  summary: Record<string, string | number | null> & { goals: { progress: string; count: number }[] };
  more_goals: number; dosages: { minimum_dosage: string; dosage_unit: string; partnerships: number }[];
}

const COUNTS = ['partners', 'partnerships', 'sites', 'people', 'sessions', 'hours'];

export const shown = (unit: string) => (value: number): string => format.figure(value, unit);

export function Dashboard() {
  const { query, route } = useLocation();
  const scope = query.scope ?? 'district';
  const year = Number(query.year ?? format.thisSchoolYear());
  const period = query.period ?? 'school_year';
  const set = (changes: Record<string, string | null>) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) if (value) next.set(name, value); else next.delete(name);
    route(`${BASE}/dashboard?${next}`, true);
  };
  const isWhole = scope === 'district' || query.scope_id;
  const { data, problem, reload } = useGet<Document>(isWhole ? address('/v1/dashboard', {
    scope: scope === 'district' ? scope : `${scope}:${query.scope_id}`, school_year: year, period }) : null);
  const { data: years } = useGet<Page<Row>>('/v1/school_years?limit=20');
  const choices = [...new Set([format.thisSchoolYear(), year, ...(years?.data ?? []).map((row) => Number(row.ends_in ?? row.school_year)).filter(Boolean)])].sort((a, b) => b - a);
  return (
    <>
      <Title of={data && <span class="hint">{t('dashboard.of', { name: data.name })}</span>} actions={<Button onClick={() => print()}>{t('dashboard.print')}</Button>}>{t('dashboard.title')}</Title>
      <div class="filters controls">
        <ScopeFields value={scope} id={query.scope_id} set={set} />
        <Frame id="year" text={t('dashboard.year')}>
          <select id="year" value={year} onChange={(event) => set({ year: event.currentTarget.value })}>{choices.map((one) => <option key={one} value={one}>{format.schoolYear(one)}</option>)}</select>
        </Frame>
        <PeriodField value={period} set={set} />
      </div>
      {problem && <Trouble problem={problem} again={reload} />}
      {!data && !problem && isWhole && <Waiting lines={8} />}
      {data && <Figures document={data} />}
    </>
  );
}

export function Figures({ document }: { document: Document }) {
  const families = [...new Set(document.indicators.map((tile) => tile.family))];
  if (!document.indicators.length) return <Empty title={t('dashboard.none')}><p>{t('dashboard.none.more')}</p></Empty>;
  const { summary } = document;
  return (
    <>
      <Card id="summary" title={t('dashboard.summary')}>
        <dl class="counts">{COUNTS.filter((name) => summary[name] !== null && summary[name] !== undefined).map((name) =>
          <div key={name}><dd>{format.number(String(summary[name]), 0)}</dd><dt>{label(name)}</dt></div>)}</dl>
        <div class="halves">
          <div><h3>{t('dashboard.investments')}</h3>
            <Bars title={t('dashboard.investments')} format={format.moneyShort} bars={[
              { label: t('dashboard.from_partners'), value: Number(summary.value_partner_cents ?? 0) },
              { label: t('dashboard.from_district'), value: Number(summary.value_district_cents ?? 0), tone: 'quiet' }]} /></div>
          {summary.goals.length > 0 && <div><h3>{t('dashboard.goals')}</h3>
            <Bars title={t('dashboard.goals')} format={String} bars={summary.goals.map((goal) => ({ label: label(goal.progress), value: goal.count }))} />
            {document.more_goals > 0 && <p class="hint">{t('dashboard.more_goals', { count: document.more_goals })}</p>}</div>}
          {document.dosages.length > 0 && <div><h3>{label('dosages')}</h3>
            <ul class="plain">{document.dosages.map((one) => <li key={one.dosage_unit + one.minimum_dosage}>{t('dashboard.dosage', {
              least: format.number(one.minimum_dosage), unit: label(one.dosage_unit).toLocaleLowerCase(), count: one.partnerships })}</li>)}</ul></div>}
        </div>
        {document.as_of && <p class="hint">{t('dashboard.as_of', { when: format.day(document.as_of) })}</p>}
      </Card>
      {families.map((family) => (
        <section key={family} aria-labelledby={`family-${family}`}>
          <h2 id={`family-${family}`}>{label(family)}</h2>
          <div class="tiles">{document.indicators.filter((tile) => tile.family === family).map((tile) => <OneTile key={tile.code} tile={tile} scope={{ scope: document.scope_kind, scope_id: document.scope_kind === 'district' ? null : document.scope_id }} />)}</div>
        </section>
      ))}
    </>
  );
}

function FigureText({ figure, unit }: { figure: Figure | null; unit: string }) {
  if (!figure) return <span class="none">{t('none')}</span>;
  const text = shown(unit);
  if (figure.is_suppressed) return <span class="hidden-figure" title={t('dashboard.hidden.why')}>{t('dashboard.hidden')}</span>;
  if (figure.value !== null) return <>{text(Number(figure.value))}</>;
  return figure.value_low !== null && figure.value_high !== null
    ? <>{t('dashboard.between', { low: text(Number(figure.value_low)), high: text(Number(figure.value_high)) })}</> : <span class="none">{t('none')}</span>;
}

function OneTile({ tile, scope }: { tile: Tile; scope: { scope: string; scope_id: string | null } }) {
  const text = shown(tile.unit);
  const points = tile.trend.map((one) => ({ label: format.month(one.period_start), value: one.is_suppressed || one.value === null ? null : Number(one.value) }));
  return (
    <article class="tile">
      <h3><a href={address(recordPath('indicators', tile.indicator_id), scope)} title={t('indicator.years')}>{tile.name}</a></h3>
      <p class="figure"><FigureText figure={tile.all} unit={tile.unit} /></p>
      <p class="tile-notes">
        {tile.changed_for && tile.change !== null && <span class={`change ${tile.changed_for}`}>
          <span aria-hidden="true">{Number(tile.change) > 0 ? '▲' : Number(tile.change) < 0 ? '▼' : '■'} {text(Math.abs(Number(tile.change)))}</span>
          <span class="unseen">{t(`dashboard.${tile.changed_for}`)}</span></span>}
        {tile.target !== null && <>{t('dashboard.target', { value: text(Number(tile.target)) })} {tile.meets_target !== null &&
          <Badge value={tile.meets_target ? 'met' : 'missed'} />}</>}
      </p>
      {(tile.served || tile.not_served) && <dl class="served">
        <div><dt>{t('dashboard.served')}</dt><dd><FigureText figure={tile.served} unit={tile.unit} /></dd></div>
        <div><dt>{t('dashboard.not_served')}</dt><dd><FigureText figure={tile.not_served} unit={tile.unit} /></dd></div>
      </dl>}
      {points.length > 1 && <Line title={`${tile.name}: ${t('dashboard.trend')}`} points={points} format={text} target={tile.target === null ? null : Number(tile.target)} />}
    </article>
  );
}

