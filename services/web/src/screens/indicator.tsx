// An indicator: what it is, and its figures over all the years there are, of any scope.
import { useLocation } from 'preact-iso';
import { useMemo } from 'preact/hooks';
import { address, type Page } from '../lib/api';
import { useGet } from '../lib/store';
import type { Row } from '../lib/model';
import { t } from '../lib/words';
import { Button, Card, Empty, Trouble, Waiting } from '../ui/parts';
import { Record } from '../records/record';
import { recordPath } from '../records/paths';
import { OverTime, type One } from '../charts/long';
import { shown } from './dashboard';
import { PeriodField, ScopeFields } from './scope';

const COHORTS = [['all', 'accent'], ['served', 'good'], ['not_served', 'quiet']] as const;
const MOST = 200; // months: sixteen years

type Period = 'month' | 'quarter' | 'school_year';
interface Rollup { period_start: string; value: string | null; value_low: string | null; value_high: string | null; is_suppressed: boolean; numerator: string | null }

export const Indicator = ({ id, part }: { id: string; part?: string }) =>
  <Record plural="indicators" id={id} part={part} parts={(row) => [{ id: 'years', text: t('indicator.years'), show: () => <Years row={row} /> }]} />;

function Years({ row }: { row: Row }) {
  const { query, route } = useLocation();
  const scope = query.scope ?? 'district';
  const period = query.period ?? 'month';
  const set = (changes: Record<string, string | null>) =>
    route(address(recordPath('indicators', row.id), { ...query, ...changes }), true);
  const isWhole = scope === 'district' || query.scope_id;
  const [all, served, not] = COHORTS.map(([cohort]) => useGet<Page<Rollup>>(isWhole ? address('/v1/rollups', { indicator_id: row.id, cohort, scope_kind: scope,
    scope_id: scope === 'district' ? undefined : query.scope_id, period_kind: period, sort: '-period_start', limit: MOST }) : null));
  const told = [all!, served!, not!];
  const problem = told.find((one) => one.problem)?.problem;
  const isThere = told.every((one) => one.data);
  return (
    <>
      <div class="filters controls">
        <ScopeFields value={scope} id={query.scope_id} set={set} />
        <PeriodField value={period} set={set} />
      </div>
      {problem && <Trouble problem={problem} again={() => told.forEach((one) => one.reload())} />}
      {!isThere && !problem && isWhole && <Waiting lines={8} />}
      {isThere && <Drawn row={row} by={period as Period} pages={told.map((one) => one.data!)} />}
    </>
  );
}

function Drawn({ row, by, pages }: { row: Row; by: Period; pages: Page<Rollup>[] }) {
  const format = shown(String(row.unit));
  const { days, series } = useMemo(() => seriesOf(pages, format), pages);
  if (!days.length) return <Empty title={t('dashboard.none')}><p>{t('dashboard.none.more')}</p></Empty>;
  return (
    <Card id="years" title={t('indicator.years')} actions={<Button class="small" onClick={() => print()}>{t('dashboard.print')}</Button>}>
      <OverTime title={String(row.name)} head={t('dashboard.period')} days={days} by={by} series={series} format={format} />
    </Card>
  );
}

/** On the days that any of them has; of whom nothing is known is left out. */
function seriesOf(pages: Page<Rollup>[], format: (value: number) => string): { days: string[]; series: One[] } {
  const days = [...new Set(pages.flatMap((page) => page.data.map((one) => one.period_start)))].sort();
  const series = COHORTS.flatMap(([cohort, tone], n) => {
    const rows = new Map(pages[n]!.data.map((one) => [one.period_start, one]));
    if (!rows.size) return [];
    const found = days.map((day) => rows.get(day));
    return [{ name: t(`dashboard.${cohort}`), tone, values: found.map((one) => (one?.value ? Number(one.value) : null)), said: found.map((one) => one && notANumber(one, format)) }];
  });
  return { days, series };
}

const notANumber = (one: Rollup, format: (value: number) => string) =>
  one.is_suppressed ? t('dashboard.hidden')
    : one.value === null && one.value_low !== null && one.value_high !== null
      ? t('dashboard.between', { low: format(Number(one.value_low)), high: format(Number(one.value_high)) }) : undefined;
