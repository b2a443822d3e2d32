// Whose figures are shown, and by which periods: as screens of figures let one choose it.
import { label, t } from '../lib/words';
import { Frame } from '../records/input';
import { Picker } from '../records/picker';

const SCOPES = ['district', 'network', 'site', 'partner', 'partnership', 'program', 'focus_area'] as const;
const PLURALS: Record<string, string> = { network: 'networks', site: 'sites', partner: 'partners', partnership: 'partnerships', program: 'programs', focus_area: 'focus_areas' };
const PERIODS = ['school_year', 'quarter', 'month'];

interface Chosen<T> { value: T; set: (changes: Record<string, string | null>) => void }

export const ScopeFields = ({ value, id, set }: Chosen<string> & { id: string | undefined }) => (
  <>
    <Frame id="scope" text={t('dashboard.scope')}>
      <select id="scope" value={value} onChange={(event) => set({ scope: event.currentTarget.value, scope_id: null })}>
        {SCOPES.map((one) => <option key={one} value={one}>{label(one)}</option>)}
      </select>
    </Frame>
    {value !== 'district' && <Frame id="scope-id" text={label(value)}><Picker plural={PLURALS[value]!} id="scope-id" value={id ?? null} onChange={(to) => set({ scope_id: to })} /></Frame>}
  </>
);

export const PeriodField = ({ value, set }: Chosen<string>) => (
  <Frame id="period" text={t('dashboard.period')}>
    <select id="period" value={value} onChange={(event) => set({ period: event.currentTarget.value })}>{PERIODS.map((one) => <option key={one} value={one}>{label(one)}</option>)}</select>
  </Frame>
);
