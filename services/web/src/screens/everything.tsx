// Every kind of record that one may read, by name, found as one types.
import { useState } from 'preact/hooks';
import { resources } from '../lib/model';
import { may } from '../lib/session';
import { label, t } from '../lib/words';
import { Title } from '../ui/parts';
import { BASE, listPath } from '../records/paths';

/** Screens that no way of each day leads to. */
const SCREENS = [
  { key: 'nav.gifts', href: '/recognition' }, { key: 'funding.title', href: '/funding' }, { key: 'development.title', href: '/development' },
  { key: 'coaching.title', href: '/development/coaching' }, { key: 'year.title', href: '/calendar' }, { key: 'access.title', href: '/access' },
] as const;

export function Everything() {
  const [text, setText] = useState('');
  const all = Object.keys(resources)
    .filter((plural) => !plural.startsWith('own_') && may({ roles: resources[plural]!.read }))
    .map((plural) => ({ plural, name: label(plural) }))
    .filter(({ name }) => name.toLocaleLowerCase().includes(text.toLocaleLowerCase()))
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      <Title>{t('everything.title')}</Title>
      <input class="search" type="search" value={text} aria-label={t('everything.find')} placeholder={t('everything.find')} onInput={(event) => setText(event.currentTarget.value)} />
      {!text && <p class="buttons">{SCREENS.map(({ key, href }) => <a key={href} class="button quiet" href={`${BASE}${href}`}>{t(key)}</a>)}</p>}
      <ul class="directory">{all.map(({ plural, name }) => <li key={plural}><a href={listPath(plural)}>{name}</a></li>)}</ul>
    </>
  );
}
