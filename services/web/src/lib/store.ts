// What was read, kept while the app is open, and read again when it has changed: by us, or as the stream of events tells.
import { useEffect, useReducer } from 'preact/hooks';
import { get, Problem } from './api';

interface Entry { data?: unknown; etag?: string | null; problem?: Problem; isReading: boolean; isStale: boolean; watchers: Set<() => void> }
const ENTRIES_MOST = 500;
const entries = new Map<string, Entry>();

function entryOf(path: string): Entry {
  let entry = entries.get(path);
  if (!entry) {
    entry = { isReading: false, isStale: true, watchers: new Set() };
    entries.set(path, entry);
    for (const [old, { watchers }] of entries) {
      if (entries.size <= ENTRIES_MOST) break;
      if (!watchers.size && old !== path) entries.delete(old);
    }
  }
  return entry;
}

async function read(path: string, entry: Entry) {
  if (entry.isReading) return;
  entry.isReading = true;
  entry.isStale = false;
  try {
    const reply = await get<unknown>(path);
    Object.assign(entry, { data: reply.data, etag: reply.etag, problem: undefined });
  } catch (error) {
    entry.problem = error as Problem;
  }
  entry.isReading = false;
  entry.watchers.forEach((watcher) => watcher());
  if (entry.isStale && entry.watchers.size) void read(path, entry);
}

export interface Got<T> { data?: T; etag?: string | null; problem?: Problem; isReading: boolean; reload: () => void }

/** null: nothing is to be read yet. */
export function useGet<T>(path: string | null): Got<T> {
  const [, again] = useReducer((n: number) => n + 1, 0);
  const entry = path === null ? undefined : entryOf(path);
  useEffect(() => {
    if (!entry || path === null) return;
    const watcher = () => again(0);
    entry.watchers.add(watcher);
    if (entry.isStale) void read(path, entry);
    return () => { entry.watchers.delete(watcher); };
  }, [path]);
  return {
    data: entry?.data as T | undefined, etag: entry?.etag, problem: entry?.problem,
    isReading: Boolean(entry && (entry.isReading || entry.isStale)),
    reload: () => { if (entry && path !== null) void read(path, entry); },
  };
}

/** What has such an address is read again, at once where somebody looks at it. */
export function changed(test: (path: string) => boolean) {
  for (const [path, entry] of entries) {
    if (!test(path)) continue;
    entry.isStale = true;
    if (entry.watchers.size) void read(path, entry);
  }
}

/** A reply brought it: no need to ask. */
export function put(path: string, data: unknown, etag: string | null) {
  const entry = entryOf(path);
  Object.assign(entry, { data, etag, problem: undefined, isStale: false });
  entry.watchers.forEach((watcher) => watcher());
}

/** Lists and documents that may show such rows. */
export const changedResource = (plural: string) =>
  changed((path) => path.startsWith(`/v1/${plural}`) || path.includes(plural) || path.startsWith('/v1/me/tasks'));

export const forgetAll = () => entries.clear();
