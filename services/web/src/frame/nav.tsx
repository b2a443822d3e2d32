// The ways to the places that people go to each day; the rest is under "Everything".
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { resources } from '../lib/model';
import { hasRole, grants } from '../lib/session';
import { t, type Key } from '../lib/words';
import { Icon, type IconName } from '../ui/icons';
import { BASE } from '../records/paths';

interface Place { key: Key; href: string; icon: IconName; plural?: string; over?: string }
const PLACES: Place[] = [
  { key: 'nav.home', href: BASE, icon: 'home' },
  { key: 'nav.dashboard', href: `${BASE}/dashboard`, icon: 'chart' },
  { key: 'nav.partners', href: `${BASE}/partners`, icon: 'partner', plural: 'partners' },
  { key: 'nav.schools', href: `${BASE}/sites`, icon: 'school', plural: 'sites' },
  { key: 'nav.needs', href: `${BASE}/needs/board`, icon: 'need', plural: 'needs', over: `${BASE}/needs` },
  { key: 'nav.partnerships', href: `${BASE}/partnerships`, icon: 'link', plural: 'partnerships' },
  { key: 'nav.check_ins', href: `${BASE}/check_ins`, icon: 'check', plural: 'check_ins' },
  { key: 'nav.convenings', href: `${BASE}/convenings`, icon: 'people', plural: 'convenings' },
  { key: 'nav.surveys', href: `${BASE}/surveys`, icon: 'survey', plural: 'surveys' },
  { key: 'nav.gifts', href: `${BASE}/recognition`, icon: 'heart', plural: 'gifts' },
  { key: 'nav.messages', href: `${BASE}/messages`, icon: 'mail', plural: 'messages' },
  { key: 'nav.imports', href: `${BASE}/imports`, icon: 'import', plural: 'imports' },
  { key: 'nav.everything', href: `${BASE}/everything`, icon: 'more' },
];

const isRead = (place: Place) => !place.plural || !resources[place.plural]?.read ||
  hasRole(...resources[place.plural]!.read!) || grants().length === 0;

export function Nav({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const { path } = useLocation();
  const nav = useRef<HTMLElement>(null);
  const here = PLACES.filter((place) => [place.href, place.over].includes(path) || (place.href !== BASE && path.startsWith(`${place.over ?? place.href}/`)))[0];
  useEffect(() => { if (isOpen) nav.current?.querySelector('a')?.focus(); }, [isOpen]);
  return (
    <nav ref={nav} class={isOpen ? 'nav open' : 'nav'} id="nav" aria-label={t('menu.main')}
      onKeyDown={(event) => { if (event.key === 'Escape') close(); }}>
      <ul>
        {PLACES.filter(isRead).map((place) => (
          <li key={place.href}><a href={place.href} aria-current={place === here ? 'page' : undefined} onClick={close}><Icon name={place.icon} />{t(place.key)}</a></li>
        ))}
      </ul>
    </nav>
  );
}
