// The API, typed by its own document (src/gen/types.ts). Every failure is a Problem (RFC 9457).
import type { Actions, Bodies, Resources } from '../gen/types';

export type Plural = keyof Resources & string;
export interface Page<T> { data: T[]; page: { next_cursor: string | null; has_more: boolean; total?: number } }
export interface Fault { pointer: string; code: string; detail: string }
export type Query = Record<string, string | number | boolean | string[] | null | undefined>;
export interface Reply<T> { data: T; etag: string | null; status: number }

export class Problem extends Error {
  constructor(readonly status: number, readonly title: string, readonly detail: string, readonly errors: Fault[],
    readonly type: string, readonly state?: unknown, readonly requestId?: string,
    /** Seconds after which it may be asked again. */ readonly retryAfter?: number) {
    super(detail || title);
  }
  /** No reply came: the network, or the server is away. */
  get isAway() { return this.status === 0; }
}

let csrf = '';
export const setCsrf = (token: string) => { csrf = token; };
let onSignedOut = () => {};
export const whenSignedOut = (then: () => void) => { onSignedOut = then; };

export function address(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) value.length && params.set(name, value.join(','));
    else if (value !== null && value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function problemOf(reply: Response): Promise<Problem> {
  const told = await reply.json().catch(() => ({}));
  return new Problem(reply.status, told.title ?? reply.statusText, told.detail ?? '', told.errors ?? [], told.type ?? '',
    told.state, told.request_id, Number(reply.headers.get('Retry-After')) || undefined);
}

export interface Options { body?: unknown; etag?: string | null; key?: string; type?: string; signal?: AbortSignal; accept?: string }

export async function request(method: string, path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: options.accept ?? 'application/json' };
  if (options.body !== undefined) headers['Content-Type'] = options.type ?? 'application/json';
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf;
  if (method === 'POST') headers['Idempotency-Key'] = options.key ?? crypto.randomUUID();
  if (options.etag) headers['If-Match'] = options.etag;
  let reply: Response;
  try {
    const body = options.body === undefined ? undefined
      : options.body instanceof Blob ? options.body : JSON.stringify(options.body);
    reply = await fetch(path, { method, headers, body, credentials: 'same-origin', signal: options.signal });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, 'unreachable', '', [], '');
  }
  if (reply.ok) return reply;
  const problem = await problemOf(reply);
  if (problem.status === 401) onSignedOut();
  throw problem;
}

export async function call<T>(method: string, path: string, options: Options = {}): Promise<Reply<T>> {
  const reply = await request(method, path, options);
  const data = reply.status === 204 ? undefined : await reply.json();
  return { data: data as T, etag: reply.headers.get('ETag'), status: reply.status };
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>('GET', address(path, query), { signal });
export const list = <P extends Plural>(plural: P, query?: Query, signal?: AbortSignal) =>
  get<Page<Resources[P]>>(`/v1/${plural}`, query, signal);
export const one = <P extends Plural>(plural: P, id: string, query?: Query) => get<Resources[P]>(`/v1/${plural}/${id}`, query);
export const create = <P extends keyof Bodies & Plural>(plural: P, body: Bodies[P], key?: string) =>
  call<Resources[P]>('POST', `/v1/${plural}`, { body, key });
export const patch = <P extends keyof Bodies & Plural>(plural: P, id: string, etag: string, body: Partial<Bodies[P]>) =>
  call<Resources[P]>('PATCH', `/v1/${plural}/${id}`, { body, etag, type: 'application/merge-patch+json' });
export const act = <P extends keyof Actions & Plural, V extends keyof Actions[P] & string>(
  plural: P, id: string, verb: V, body: Actions[P][V], etag?: string | null) =>
  call<Resources[P]>('POST', `/v1/${plural}/${id}/${verb}`, { body, etag });

/** A list as a file, all of its rows, under a name that says what and when. */
export async function download(path: string, accept: string, name: string) {
  save(await (await request('GET', path, { accept })).blob(), name);
}

export function save(file: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
