// Search over everything that has a name, from any screen: "/" goes there, arrows choose, Enter opens.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { get, type Page } from '../lib/api';
import { label, t } from '../lib/words';
import { pluralOf } from '../lib/model';
import { Icon } from '../ui/icons';
import { BASE, recordPath } from '../records/paths';

export interface Found { id: string; kind: string; name: string }
const REST_MS = 150;
const SHOWN = 8;

const isTyping = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function SearchBox() {
  const { route } = useLocation();
  const [text, setText] = useState('');
  const [found, setFound] = useState<Found[]>([]);
  const [at, setAt] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const listId = useId();

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.key === '/' && !isTyping(event.target)) || (event.key === 'k' && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        box.current?.focus();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  useEffect(() => {
    if (text.trim().length < 2) { setFound([]); return; }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<Page<Found>>('/v1/search', { q: text.trim(), limit: SHOWN }, stop.signal).then(({ data }) => { setFound(data.data); setAt(-1); }, () => {});
    }, REST_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [text]);

  const go = (one?: Found) => {
    setOpen(false);
    setText('');
    box.current?.blur();
    route(one ? recordPath(pluralOf(one.kind), one.id) : `${BASE}/search?q=${encodeURIComponent(text.trim())}`);
  };
  const shows = isOpen && found.length > 0;
  return (
    <form class="search-box" role="search" onSubmit={(event) => { event.preventDefault(); if (text.trim()) go(found[at]); }}>
      <Icon name="search" />
      <input ref={box} type="search" role="combobox" aria-label={t('search')} placeholder={t('search.everything')} value={text} aria-expanded={shows} aria-controls={listId}
        aria-autocomplete="list" aria-activedescendant={at >= 0 ? `${listId}-${at}` : undefined} autocomplete="off" title={t('search.hint')}
        onInput={(event) => { setText(event.currentTarget.value); setOpen(true); }} onFocus={() => setOpen(true)} onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            setAt((now) => Math.max(-1, Math.min(found.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))));
          } else if (event.key === 'Escape') { setOpen(false); setText(''); }
        }} />
      <ul id={listId} role="listbox" hidden={!shows} aria-label={t('picker.found')}>
        {found.map((one, n) => (
          <li key={one.id} id={`${listId}-${n}`} role="option" aria-selected={n === at} class={n === at ? 'at' : ''} onMouseDown={(event) => { event.preventDefault(); go(one); }}>
            <span>{one.name}</span> <span class="hint">{label(one.kind)}</span></li>
        ))}
      </ul>
    </form>
  );
}
