// Many changes by few requests (POST /v1/bulk): each is judged by itself, and what becomes of it is told in its place.
import { call, Problem, type Fault } from './api';

export interface Change { method: 'PATCH' | 'POST' | 'DELETE'; path: string; version?: number; body?: unknown }
export interface Outcome { status: number; version: number | null; location: string | null; problem: { title: string; detail: string; errors?: Fault[] } | null }

const AT_ONCE = 50; // so that one sees how far it is; the API takes a hundred
const TRIES = 4;
const wait = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

/** One request, with a key of its own: what was cut on the way is asked again, and nothing is done twice. */
async function send(changes: Change[]): Promise<Outcome[]> {
  const key = crypto.randomUUID();
  for (let failed = 0; ;) {
    try {
      return (await call<{ data: Outcome[] }>('POST', '/v1/bulk', { body: { changes }, key })).data.data;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status !== 429 && (!(error.isAway || error.status >= 500) || ++failed === TRIES)) throw error;
      await wait(error.retryAfter ?? 1);
    }
  }
}

/** All of them, in order; `told` gets what became of those sent, until `isStopped`. */
export async function changeMany(changes: Change[], told: (from: number, outcomes: Outcome[]) => void, isStopped = () => false) {
  for (let from = 0; from < changes.length && !isStopped(); from += AT_ONCE)
    told(from, await send(changes.slice(from, from + AT_ONCE)));
}
