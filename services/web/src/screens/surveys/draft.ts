// What is being written, kept until it is sent, also over a reload.
import { useRef, useState } from 'preact/hooks';
import { resources } from '../../lib/model';
import { hasRole } from '../../lib/session';

export function useDraft<T>(name: string, initial: T): [T, (next: T) => void, () => void] {
  const key = `draft:${name}`;
  const [value, setValue] = useState<T>(() => { const kept = sessionStorage.getItem(key); return kept ? JSON.parse(kept) as T : initial; });
  const isDropped = useRef(false);
  const set = (next: T) => {
    setValue(next);
    if (!isDropped.current) sessionStorage.setItem(key, JSON.stringify(next));
  };
  return [value, set, () => { isDropped.current = true; sessionStorage.removeItem(key); }];
}

/** Whom the API tells what surveys found: staff, not whoever only reads. */
export const seesResults = () => hasRole('admin', 'director', 'executive', 'coordinator', 'school_leader', 'reviewer', 'data_steward');

export const isRole = (plural: string) => hasRole(...(resources[plural]?.create ?? []));
