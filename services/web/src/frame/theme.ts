// Light, dark, or as the device has it; of this browser.
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
const KEY = 'kith-theme';

export const theme = (): Theme => (localStorage.getItem(KEY) as Theme | null) ?? 'system';
export function setTheme(wanted: Theme) {
  if (wanted === 'system') localStorage.removeItem(KEY); else localStorage.setItem(KEY, wanted);
  apply();
}
export function apply() {
  const wanted = theme();
  if (wanted === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
}
