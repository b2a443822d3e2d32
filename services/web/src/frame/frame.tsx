// What stands around every screen: the bar with the search and oneself, the menu, the place for what was just done.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { call } from '../lib/api';
import { end, self } from '../lib/session';
import { choose, language, languages, t, type Key } from '../lib/words';
import { Icon } from '../ui/icons';
import { Menu, Notice } from '../ui/parts';
import { Toasts } from '../ui/toast';
import { BASE, recordPath } from '../records/paths';
import { Nav } from './nav';
import { SearchBox } from './search';
import { theme, setTheme, THEMES } from './theme';

export function Frame({ children, redraw }: { children: ComponentChildren; redraw: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const { path } = useLocation();
  useEffect(() => setOpen(false), [path]);
  return (
    <div class="frame">
      <a class="skip" href="#main">{t('skip')}</a>
      <header class="top">
        <button type="button" class="menu-button" aria-expanded={isOpen} aria-controls="nav" onClick={() => setOpen(!isOpen)}><Icon name="menu" /><span class="unseen">{t('menu')}</span></button>
        <a class="brand" href={BASE}>Kith <span>{self().district.name}</span></a>
        <SearchBox />
        <Account redraw={redraw} />
      </header>
      <Nav isOpen={isOpen} close={() => setOpen(false)} />
      <main id="main" tabIndex={-1}><Offline />{children}</main>
      <Toasts />
    </div>
  );
}

function Account({ redraw }: { redraw: () => void }) {
  const { user, district } = self();
  const initials = user.name.split(' ').map((word) => word[0]).slice(0, 2).join('');
  const speak = async (wanted: string) => {
    await choose(wanted);
    redraw();
    const { etag } = await call('GET', '/v1/me');
    await call('PATCH', '/v1/me', { body: { locale: wanted }, etag, type: 'application/merge-patch+json' }).catch(() => undefined);
  };
  return (
    <Menu kind="bare" text={<><span class="initials" aria-hidden="true">{initials}</span><span class="unseen">{t('account')}</span></>}>
      <p class="menu-head"><b>{user.name}</b><br />{user.email}</p>
      <a href={recordPath('users', user.id)}>{t('account.profile')}</a>
      <p class="menu-label">{t('language')}</p>
      {languages.filter((one) => one === language() || district.locales.some((locale) => locale.split('-')[0] === one)).map((one) => (
        <button key={one} type="button" aria-pressed={one === language()} lang={one} onClick={() => void speak(one)}>{new Intl.DisplayNames([one], { type: 'language' }).of(one)}</button>
      ))}
      <p class="menu-label">{t('theme')}</p>
      {THEMES.map((one) => <button key={one} type="button" aria-pressed={one === theme()} onClick={() => { setTheme(one); redraw(); }}>{t(`theme.${one}` as Key)}</button>)}
      <button type="button" onClick={() => void end()}>{t('sign_out')}</button>
    </Menu>
  );
}

function Offline() {
  const [isAway, set] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => set(!navigator.onLine);
    addEventListener('online', look);
    addEventListener('offline', look);
    return () => { removeEventListener('online', look); removeEventListener('offline', look); };
  }, []);
  return isAway ? <Notice tone="warn">{t('offline')}</Notice> : null;
}
