// Who is signed in, and what they may do: by the roles of their grants, and the scope of each.
import { call, Problem, setCsrf } from './api';
import { forgetAll } from './store';

export interface Grant { role: string; scope_kind: 'district' | 'network' | 'site'; scope_id: string | null; from_date: string; until_date: string | null }
export interface Me {
  user: { id: string; name: string; email: string; locale: string; zone: string | null };
  grants: Grant[];
  district: { id: string; slug: string; name: string; zone: string; locale: string; locales: string[] };
  csrf_token: string;
}

let me: Me;
export const self = () => me;
export const zone = () => me.user.zone ?? me.district.zone;

export async function begin(): Promise<Me | null> {
  try {
    me = (await call<Me>('GET', '/v1/me')).data;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
  setCsrf(me.csrf_token);
  return me;
}

export async function end() {
  await call('DELETE', '/v1/sessions/current').catch(() => undefined);
  await forget();
  location.assign('/login?said=signed_out');
}

/** Nothing of anybody stays on this machine. */
export async function forget() {
  forgetAll();
  sessionStorage.clear();
  for (const name of await caches.keys()) if (name.startsWith('kith-read')) await caches.delete(name);
}

/** To the sign-in, and from there back to where we were. */
export function signIn() {
  const here = location.pathname + location.search;
  location.assign(`/login?to=${encodeURIComponent(here)}`);
}

const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: me.district.zone }).format(new Date());
const inForce = (grant: Grant) => grant.from_date <= today() && (!grant.until_date || grant.until_date >= today());
export const grants = () => me.grants.filter(inForce);
export const hasRole = (...roles: string[]) => grants().some((grant) => roles.includes(grant.role));

export interface Access { roles?: string[]; scope?: { kind: string; field?: string; parent?: string; whose?: string } }

/** Whether the API would take it from us of some row; of which, its rights say (rights.ts). */
export function may(access: Access | undefined): boolean {
  if (!access) return false;
  const roles = access.roles;
  const ours = roles ? grants().filter((grant) => roles.includes(grant.role)) : grants();
  if (!ours.length) return false;
  return !['district', 'admin'].includes(access.scope?.kind ?? '') || ours.some((grant) => grant.scope_kind === 'district');
}
