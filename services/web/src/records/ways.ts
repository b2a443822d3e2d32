// Screens of their own that a list leads to, beside the making of one more.
import type { Key } from '../lib/words';
import { BASE } from './paths';

export const WAYS: Record<string, { key: Key; href: string }[]> = {
  needs: [{ key: 'pipeline.open', href: `${BASE}/needs/board` }],
  partnerships: [{ key: 'pipeline.open', href: `${BASE}/pipeline` }],
  partners: [{ key: 'duplicates.title', href: `${BASE}/duplicate_pairs?kind=partner` }],
  contacts: [{ key: 'duplicates.title', href: `${BASE}/duplicate_pairs?kind=contact` }],
  agreements: [{ key: 'agreements.board', href: `${BASE}/agreements?view=board` }],
  check_ins: [{ key: 'calendar.open', href: `${BASE}/check_ins?view=calendar` }, { key: 'year.title', href: `${BASE}/calendar` }],
  school_years: [{ key: 'year.title', href: `${BASE}/calendar` }],
  reporting_quarters: [{ key: 'year.title', href: `${BASE}/calendar` }],
  closed_days: [{ key: 'year.title', href: `${BASE}/calendar` }],
  blackouts: [{ key: 'year.title', href: `${BASE}/calendar` }],
  surveys: [{ key: 'survey.instruments', href: `${BASE}/instruments` }],
  gifts: [{ key: 'nav.gifts', href: `${BASE}/recognition` }],
  thank_yous: [{ key: 'nav.gifts', href: `${BASE}/recognition` }],
  stories: [{ key: 'nav.gifts', href: `${BASE}/recognition/stories` }],
  bulletins: [{ key: 'nav.gifts', href: `${BASE}/recognition/bulletins` }],
  awards: [{ key: 'nav.gifts', href: `${BASE}/recognition/awards` }],
  funding_opportunities: [{ key: 'funding.title', href: `${BASE}/funding` }],
  funding_applications: [{ key: 'funding.title', href: `${BASE}/funding` }],
  trainings: [{ key: 'development.title', href: `${BASE}/development` }],
  coachings: [{ key: 'coaching.title', href: `${BASE}/development/coaching` }],
  users: [{ key: 'access.title', href: `${BASE}/access` }],
  grants: [{ key: 'access.title', href: `${BASE}/access` }],
  api_keys: [{ key: 'access.title', href: `${BASE}/access/keys` }],
  imports: [{ key: 'import.title', href: `${BASE}/imports/new` }],
};
