// How often each answer was given, as parts of one bar: the more, the darker.
export interface Share { label: string; share: number; count: number }

export function Shares({ shares, format }: { shares: Share[]; format: (share: number) => string }) {
  const sum = shares.reduce((all, one) => all + one.share, 0) || 1;
  let at = 0;
  return (
    <div class="shares">
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        {shares.map((one, n) => {
          const width = (one.share / sum) * 100;
          const rect = <rect key={one.label} x={at} width={width} height={10} fill-opacity={0.2 + (0.8 * n) / Math.max(1, shares.length - 1)} />;
          at += width;
          return rect;
        })}
      </svg>
      <ul>{shares.map((one, n) => (
        <li key={one.label}><svg class="swatch-dot" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" fill-opacity={0.2 + (0.8 * n) / Math.max(1, shares.length - 1)} /></svg>
          {one.label} <b>{format(one.share)}</b></li>
      ))}</ul>
    </div>
  );
}
