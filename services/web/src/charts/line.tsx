// A line over time with its target, drawn by us as SVG; the same figures stand in a table beside it.
import { useId } from 'preact/hooks';
import { t } from '../lib/words';

export interface Point { label: string; value: number | null }
const W = 320;
const H = 96;
const PAD = { top: 8, right: 8, bottom: 8, left: 8 };

export function Line({ title, points, format, target }: { title: string; points: Point[]; format: (value: number) => string; target?: number | null }) {
  const id = useId();
  const values = points.flatMap((point) => (point.value === null ? [] : [point.value]));
  if (!values.length) return null;
  const all = target === null || target === undefined ? values : [...values, target];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const span = high - low || Math.abs(high) || 1;
  const x = (n: number) => PAD.left + (points.length < 2 ? 0.5 : n / (points.length - 1)) * (W - PAD.left - PAD.right);
  const y = (value: number) => H - PAD.bottom - ((value - low + span * 0.1) / (span * 1.2)) * (H - PAD.top - PAD.bottom);
  const path = points.map((point, n) => (point.value === null ? '' : `${n === 0 || points[n - 1]!.value === null ? 'M' : 'L'}${x(n).toFixed(1)} ${y(point.value).toFixed(1)}`)).join('');
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${W} ${H}`} role="img" aria-labelledby={id} preserveAspectRatio="none">
        <title id={id}>{`${title}: ${points.map((point) => `${point.label} ${point.value === null ? t('none') : format(point.value)}`).join(', ')}`}</title>
        {target !== null && target !== undefined && <line class="target" x1={0} x2={W} y1={y(target)} y2={y(target)} />}
        <path class="line" d={path} />
        {points.map((point, n) => point.value !== null && <circle key={n} class="dot" cx={x(n)} cy={y(point.value)} r={3} />)}
      </svg>
      <Table title={title} rows={points.map((point) => [point.label, point.value === null ? t('none') : format(point.value)])} />
    </figure>
  );
}

export const Table = ({ title, rows }: { title: string; rows: [string, string][] }) => (
  <details class="chart-table"><summary>{t('dashboard.table')}<span class="unseen"> {title}</span></summary>
    <table><caption class="unseen">{title}</caption><tbody>{rows.map(([name, value]) => <tr key={name}><th scope="row">{name}</th><td>{value}</td></tr>)}</tbody></table>
  </details>
);
