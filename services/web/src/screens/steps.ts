// What a new district needs, and where each of it is done.
import { self } from '../lib/session';
import { listPath, newPath, recordPath } from '../records/paths';

export interface Step { key: string; count: number; needed: number; is_done: boolean; is_required: boolean }
export interface Mail { message_id: string; kind: string; to_address: string | null; not_before: string }
export interface Setup { is_live: boolean; is_ready: boolean; steps: Step[]; mails: { preview: string; would_go: number; left_out: number; first: Mail[] } }

/** Where a step is done; the others on the screen of the setup itself. */
export const whereOf = (key: string): string | undefined => ({
  reply_to: recordPath('districts', self().district.id, 'edit'), school_year: listPath('school_years'), calendar: listPath('reporting_quarters'),
  closed_days: newPath('closed_days'), sites: listPath('sites'), users: listPath('users'), posts: listPath('posts'), policy: listPath('policies'),
  import: listPath('imports'), partners: listPath('partners'),
} as Record<string, string>)[key];
