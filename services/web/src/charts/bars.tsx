// A few figures side by side as bars, each with its name and its value in words.
export interface Bar { label: string; value: number; tone?: 'accent' | 'quiet' }

export function Bars({ title, bars, format }: { title: string; bars: Bar[]; format: (value: number) => string }) {
  const most = Math.max(...bars.map((bar) => Math.abs(bar.value)), 0) || 1;
  return (
    <dl class="bars" aria-label={title}>
      {bars.map((bar) => (
        <div key={bar.label}>
          <dt>{bar.label}</dt>
          <dd><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class={bar.tone ?? 'accent'} width={Math.max(0.5, (Math.abs(bar.value) / most) * 100)} height="8" rx="1" /></svg><b>{format(bar.value)}</b></dd>
        </div>
      ))}
    </dl>
  );
}
