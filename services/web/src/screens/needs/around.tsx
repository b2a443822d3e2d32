// What the screens of needs share: the ways among them, what their addresses say, and filters that stand in them.
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { save, type Page, type Plural } from '../../lib/api';
import { useGet } from '../../lib/store';
import type { Row } from '../../lib/model';
import * as format from '../../lib/format';
import { label, t, type Key } from '../../lib/words';
import { csv, xlsx, type Cell } from '../../lib/sheet';
import { Menu, Tabs } from '../../ui/parts';
import { BASE } from '../../records/paths';
import { Frame } from '../../records/input';
import { Picker } from '../../records/picker';

export const NEEDS = `${BASE}/needs`;
export const PLACES = ['board', 'priorities', 'calls', 'gaps', 'landscape', 'map'] as const;

export const Ways = ({ at }: { at: (typeof PLACES)[number] }) =>
  <Tabs current={at} tabs={PLACES.map((id) => ({ id, text: t(`needs.${id}` as Key), href: `${NEEDS}/${id}` }))} />;

type Changes = Record<string, string | null>;
export type Params = Record<string, string>;

export const pathWith = (path: string, query: Params, changes: Changes) => {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) if (value) next.set(name, value); else next.delete(name);
  const text = next.toString();
  return text ? `${path}?${text}` : path;
};

/** What the address says, and how to say something else. */
export function useAddress() {
  const { path, query, route } = useLocation();
  return { path, query: query as Params, set: (changes: Changes) => route(pathWith(path, query, changes), true),
    to: (changes: Changes) => pathWith(path, query, changes) };
}

/** What is looked at; on a phone behind one button, as one comes for what stands below. */
export const Controls = ({ children, wide }: { children: ComponentChildren; wide?: boolean }) => (
  <details class="control-box" open={matchMedia('(min-width: 40rem)').matches}>
    <summary class="button quiet small">{t('filters')}</summary><div class={wide ? 'filters controls wide' : 'filters controls'}>{children}</div>
  </details>
);

export function Choose({ name, values, query, set, text, any, show = label }: { name: string; values: readonly (string | number)[]; query: Params; set: (changes: Changes) => void;
  text?: string; any?: boolean; show?: (value: string) => string }) {
  const id = `by-${name}`;
  return (
    <Frame id={id} text={text ?? label(name)}>
      <select id={id} value={query[name] ?? ''} onChange={(event) => set({ [name]: event.currentTarget.value || null })}>
        {any && <option value="">{t('any')}</option>}
        {values.map((one) => <option key={one} value={String(one)}>{show(String(one))}</option>)}
      </select>
    </Frame>
  );
}

export function Pick({ name, plural, query, set, text }: { name: string; plural: Plural; query: Params; set: (changes: Changes) => void; text?: string }) {
  const id = `by-${name}`;
  return <Frame id={id} text={text ?? label(name)}><Picker plural={plural} id={id} value={query[name] ?? null} onChange={(value) => set({ [name]: value })} /></Frame>;
}

/** The school years that the district has, with that of today, the latest first. */
export function useYears(chosen: number): number[] {
  const { data } = useGet<Page<Row>>('/v1/school_years?limit=20');
  const known = (data?.data ?? []).map((row) => Number(row.school_year ?? row.ends_in)).filter(Boolean);
  return [...new Set([format.thisSchoolYear() + 1, format.thisSchoolYear(), chosen, ...known])].sort((a, b) => b - a);
}

export const Year = ({ query, set, year }: { query: Params; set: (changes: Changes) => void; year: number }) =>
  <Choose name="year" text={t('dashboard.year')} values={useYears(year)} query={{ ...query, year: String(year) }} set={set} show={(one) => format.schoolYear(Number(one))} />;

/** So much, in its unit: "12 mentors"; cents are money. */
export const amount = (value: number, unit: string | null | undefined) =>
  unit === 'cents' ? format.money(value) : unit ? `${format.number(value)} ${unit}` : format.number(value);

/** Where a need or a priority is. */
export const placeOf = (row: Row) => (row.site as Row | null)?.name as string | undefined ?? (row.network as Row | null)?.name as string | undefined ?? t('needs.district');

/** Rows as files that spreadsheets open, under a name that says what and when. */
export function Export({ name, head, rows, disabled }: { name: string; head: readonly string[]; rows: () => Cell[][]; disabled?: boolean }) {
  if (disabled) return null;
  const words = head.map(label);
  return (
    <Menu text={t('export')}>
      <button type="button" onClick={() => save(csv([...head], rows()), `${name}.csv`)}>{t('export.csv')}</button>
      <button type="button" onClick={() => save(xlsx(name, words, rows()), `${name}.xlsx`)}>{t('export.sheet')}</button>
    </Menu>
  );
}
