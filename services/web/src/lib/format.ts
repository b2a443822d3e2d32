// Values as people read them: the district's zone for instants, the reader's language for all.
import { label, localeName, t } from './words';
import { zone } from './session';

type Style = Intl.DateTimeFormatOptions;
const date = (value: Date, style: Style) => new Intl.DateTimeFormat(localeName(), style).format(value);

/** "2026-08-17": a day, in no zone. */
export const day = (value: string, style: Style = { year: 'numeric', month: 'short', day: 'numeric' }) =>
  date(new Date(`${value}T12:00:00Z`), { timeZone: 'UTC', ...style });
export const instant = (value: string, style: Style = { dateStyle: 'medium', timeStyle: 'short' }) =>
  date(new Date(value), { timeZone: zone(), ...style });
/** "America/New_York", as people call it: Eastern Time. */
export const zoneName = (of: string) => new Intl.DateTimeFormat(localeName(), { timeZone: of, timeZoneName: 'longGeneric' })
  .formatToParts(new Date()).find((part) => part.type === 'timeZoneName')?.value ?? of;
export const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: zone() }).format(new Date());
export const month = (value: string) => day(value, { month: 'short', year: 'numeric' });

export const number = (value: number | string, digits = 2) =>
  new Intl.NumberFormat(localeName(), { maximumFractionDigits: digits }).format(Number(value));
export const money = (cents: number | string) => new Intl.NumberFormat(localeName(), {
  style: 'currency', currency: 'USD', minimumFractionDigits: Number(cents) % 100 ? 2 : 0, maximumFractionDigits: 2 }).format(Number(cents) / 100);
/** Short, for tiles: $1.2M. */
export const moneyShort = (cents: number | string) => new Intl.NumberFormat(localeName(), {
  style: 'currency', currency: 'USD', notation: 'compact', maximumFractionDigits: 1 }).format(Number(cents) / 100);
export const percent = (share: number | string, digits = 1) =>
  new Intl.NumberFormat(localeName(), { style: 'percent', maximumFractionDigits: digits }).format(Number(share));

/** A figure by its indicator's unit. */
export const figure = (value: number | string, unit: string) =>
  unit === 'percent' ? percent(value) : unit === 'cents' ? moneyShort(value) : number(value);

/** How far away a day is: "in 3 days", "yesterday". */
export function away(value: string): string {
  const days = Math.round((Date.parse(`${value}T00:00:00Z`) - Date.parse(`${today()}T00:00:00Z`)) / 86_400_000);
  const format = new Intl.RelativeTimeFormat(localeName(), { numeric: 'auto' });
  return Math.abs(days) < 45 ? format.format(days, 'day') : format.format(Math.round(days / 30.4), 'month');
}

/** That of today, if it begins in July. */
export const thisSchoolYear = () => { const [year, month] = today().split('-').map(Number); return month! >= 7 ? year! + 1 : year!; };

/** A school year is the one in which it ends: 2027 is "2026–27". */
export const schoolYear = (year: number) => `${year - 1}–${String(year).slice(2)}`;
export const yesNo = (value: boolean) => (value ? t('yes') : t('no'));
export const languageName = (tag: string) => new Intl.DisplayNames(localeName(), { type: 'language' }).of(tag) ?? tag;
export const values = (list: unknown[]) => new Intl.ListFormat(localeName(), { type: 'unit' }).format(list.map((one) => label(String(one))));
