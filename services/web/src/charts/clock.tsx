// The time that is left, as a ring and in words. It counts on while one looks: each second in the last hour, else each minute;
// whoever wants no motion sees it each minute alone, and readers are told the words when they come to it.
import { useEffect, useState } from 'preact/hooks';
import { t } from '../lib/words';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AROUND = 2 * Math.PI * 16;

export const timeLeft = (ms: number): string => {
  if (ms <= 0) return t('clock.over');
  const [days, hours, minutes, seconds] = [Math.floor(ms / DAY), Math.floor((ms % DAY) / HOUR), Math.floor((ms % HOUR) / MINUTE), Math.floor((ms % MINUTE) / 1000)];
  const parts = days ? [t('clock.days', { count: days }), t('clock.hours', { count: hours })]
    : hours ? [t('clock.hours', { count: hours }), t('clock.minutes', { count: minutes })]
      : [t('clock.minutes', { count: minutes }), t('clock.seconds', { count: seconds })];
  return parts.join(' ');
};

export function Clock({ from, until, name }: { from: number; until: number; name: string }) {
  const [now, set] = useState(Date.now());
  const left = until - now;
  const isQuiet = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const step = left < HOUR && !isQuiet ? 1000 : MINUTE;
  useEffect(() => {
    if (left <= 0) return;
    const timer = setInterval(() => set(Date.now()), step);
    return () => clearInterval(timer);
  }, [step, left <= 0]);
  const share = Math.max(0, Math.min(1, left / Math.max(1, until - from)));
  return (
    <p class={left < 3 * DAY ? 'clock soon' : 'clock'} role="timer" aria-label={name}>
      <svg viewBox="0 0 40 40" aria-hidden="true"><circle class="all" cx="20" cy="20" r="16" />
        <circle class="left" cx="20" cy="20" r="16" stroke-dasharray={`${share * AROUND} ${AROUND}`} transform="rotate(-90 20 20)" /></svg>
      <span>{left > 0 ? t('clock.left', { time: timeLeft(left) }) : timeLeft(left)}</span>
    </p>
  );
}

/** The last moment of a day of the district. */
export function endOf(day: string, zone: string): number {
  const guess = Date.parse(`${day}T23:59:59Z`);
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
    .formatToParts(guess).map((part) => [part.type, Number(part.value)]));
  return guess + (guess - Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!));
}
