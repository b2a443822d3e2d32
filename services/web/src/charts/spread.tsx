// Means on a scale, each with how far answers lie from it: a standard deviation to both sides. Up to two views share a line.
export interface View { name: string; mean: number; deviation?: number | null; tone?: 'accent' | 'quiet' }
export interface SpreadRow { label: string; views: View[] }
const W = 400;
const H = 34;

export function Spread({ rows, low = 1, high = 5, format }: { rows: SpreadRow[]; low?: number; high?: number; format: (value: number) => string }) {
  const x = (value: number) => 8 + ((Math.min(high, Math.max(low, value)) - low) / (high - low || 1)) * (W - 16);
  const ticks = Array.from({ length: Math.round(high - low) + 1 }, (_, n) => low + n);
  return (
    <dl class="spread">
      {rows.map((row) => (
        <div key={row.label}>
          <dt>{row.label}</dt>
          <dd>
            <svg viewBox={`0 0 ${W} ${H}`} preserveAspectRatio="none" aria-hidden="true">
              {ticks.map((one) => <line key={one} class="rule" x1={x(one)} x2={x(one)} y1={0} y2={H} />)}
              {row.views.map((view, n) => {
                const y = row.views.length < 2 ? H / 2 : H / 4 + n * (H / 2);
                return (
                  <g key={view.name} class={view.tone ?? 'accent'}>
                    {view.deviation ? <rect class="spread-box" x={x(view.mean - view.deviation)} width={x(view.mean + view.deviation) - x(view.mean - view.deviation)} y={y - 5} height={10} rx={2} /> : null}
                    <line class="spread-mean" x1={x(view.mean)} x2={x(view.mean)} y1={y - 8} y2={y + 8} />
                  </g>
                );
              })}
            </svg>
            <span>{row.views.map((view) => <span key={view.name} class="spread-value"><b>{format(view.mean)}</b>{view.deviation ? <span class="hint"> ± {format(view.deviation)}</span> : null}
              {row.views.length > 1 && <span class={`key ${view.tone ?? 'accent'}`}> {view.name}</span>}</span>)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
