// A month as weeks; on a narrow screen only its days that have something.
import type { ComponentChildren } from 'preact';
import * as format from '../../lib/format';
import { localeName } from '../../lib/words';

const DAY_MS = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 10);
export const monthOf = (day: string) => day.slice(0, 7);
export const firstOf = (month: string) => `${month}-01`;
export const lastOf = (month: string) => { const [year, number] = month.split('-').map(Number); return iso(Date.UTC(year!, number!, 0)); };
export const monthsOn = (month: string, by: number) => { const [year, number] = month.split('-').map(Number); return iso(Date.UTC(year!, number! - 1 + by, 1)).slice(0, 7); };
export const monthName = (month: string) => format.day(firstOf(month), { month: 'long', year: 'numeric' });

/** Weeks from Sunday on, as American calendars have them. */
export function weeksOf(month: string): string[][] {
  const first = Date.parse(`${firstOf(month)}T00:00:00Z`);
  const start = first - new Date(first).getUTCDay() * DAY_MS;
  const weeks: string[][] = [];
  for (let at = start; iso(at) <= lastOf(month); at += 7 * DAY_MS) weeks.push(Array.from({ length: 7 }, (_, n) => iso(at + n * DAY_MS)));
  return weeks;
}

export function Month({ month, caption, show, kindOf, isSmall }: { month: string; caption: string; show: (day: string) => ComponentChildren; kindOf?: (day: string) => string; isSmall?: boolean }) {
  const weekdays = weeksOf(month)[0]!.map((day) => new Intl.DateTimeFormat(localeName(), { weekday: isSmall ? 'narrow' : 'short', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`)));
  const long = weeksOf(month)[0]!.map((day) => new Intl.DateTimeFormat(localeName(), { weekday: 'long', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`)));
  return (
    <table class={isSmall ? 'month small' : 'month'}>
      <caption>{caption}</caption>
      <thead><tr>{weekdays.map((name, n) => <th key={n} scope="col"><span aria-hidden="true">{name}</span><span class="unseen">{long[n]}</span></th>)}</tr></thead>
      <tbody>{weeksOf(month).map((week) => (
        <tr key={week[0]}>{week.map((day) => {
          if (monthOf(day) !== month) return <td key={day} class="outside" />;
          const what = show(day);
          return <td key={day} class={[what ? 'has' : '', day === format.today() ? 'today' : '', kindOf?.(day) ?? ''].join(' ')}>
            <time dateTime={day} class="month-day">{isSmall ? Number(day.slice(8)) : <><span class="wide">{Number(day.slice(8))}</span><span class="narrow">{format.day(day, { weekday: 'short', month: 'short', day: 'numeric' })}</span></>}</time>{what}</td>;
        })}</tr>
      ))}</tbody>
    </table>
  );
}
