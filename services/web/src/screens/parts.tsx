// What pages of the central records have beside their details: parts by what one comes for. Everything else that belongs to a
// record stands under "What belongs to it".
import type { ComponentChildren } from 'preact';
import { address, type Plural } from '../lib/api';
import { useGet } from '../lib/store';
import { useResource, type Row } from '../lib/model';
import { hasRole } from '../lib/session';
import * as format from '../lib/format';
import { t, type Key } from '../lib/words';
import { Bars } from '../charts/bars';
import { Badge, Card } from '../ui/parts';
import { Trainings } from './growth/development';
import { FundingOf } from './growth/funding';
import { Owed } from './recognition/owed';
import { Stories } from './recognition/stories';
import { CallAnswers, CallProgress } from './needs/calls';
import { MatchesOf } from './needs/matches';
import { NeedProgress } from './needs/need';
import { ReportFiles } from './reports';
import { ImpactOf, Readiness, RollCall } from './schools';
import { Sides } from './sides';
import { WriteHalf } from './work/half';
import { Mails, MailsOfPartner } from './mails/mails';
import { Facts, Related, type Part } from '../records/record';

interface Shape { id: string; key: Key; facts?: string[]; related?: Plural[]; more?: (row: Row) => ComponentChildren; when?: (row: Row) => boolean }

const SHAPES: Partial<Record<Plural, Shape[]>> = {
  partners: [
    { id: 'overview', key: 'part.overview', related: ['partnerships'],
      facts: ['kind', 'stage', 'tier', 'owner_id', 'lead_site_id', 'description', 'strengths', 'innovation', 'reach', 'last_contact_on', 'completeness', 'incomplete'] },
    { id: 'people', key: 'part.people', related: ['affiliations', 'partner_owners'] },
    { id: 'gives', key: 'part.gives', more: (row) => <Balance of={`partner:${row.id}`} />, related: ['programs', 'offers', 'gifts', 'pledges'] },
    { id: 'recognition', key: 'nav.gifts', more: (row) => <Owed query={{ partner_id: row.id }} />, related: ['awards'] },
    { id: 'growth', key: 'part.growth', more: (row) => <><FundingOf query={{ partner_id: row.id }} /><Trainings query={{ partner_id: row.id }} /></> },
    { id: 'timeline', key: 'part.timeline', related: ['interactions', 'action_items'] },
    { id: 'papers', key: 'part.papers', related: ['credentials', 'attachments'] },
    { id: 'mails', key: 'part.mails', more: (row) => <MailsOfPartner row={row} /> },
  ],
  partnerships: [
    { id: 'overview', key: 'part.overview', more: (row) => <Gate row={row} />, related: ['goals', 'partnership_roles'],
      facts: ['partner_id', 'arrangement', 'focus_area_id', 'lead_site_id', 'tier', 'starts_on', 'ends_on', 'purpose', 'vision', 'expectations', 'desired_outcomes'] },
    { id: 'check-ins', key: 'nav.check_ins', related: ['check_ins', 'action_items', 'partnership_reviews'] },
    { id: 'gives', key: 'part.both_give', more: (row) => <Balance of={`partnership:${row.id}`} />, related: ['investments', 'milestones', 'activities'] },
    { id: 'agreements', key: 'part.agreements', related: ['agreement_partnerships'] },
    { id: 'timeline', key: 'part.timeline', related: ['interactions'] },
    { id: 'mails', key: 'part.mails', more: (row) => <Mails query={{ partnership_id: row.id }} ahead={{ plural: 'partnerships', id: row.id }} /> },
  ],
  sites: [
    { id: 'overview', key: 'part.overview', related: ['partnership_sites', 'needs'], facts: ['kind', 'level', 'network_id', 'grades', 'principal_id', 'street', 'city', 'status'] },
    { id: 'vision', key: 'part.vision', related: ['site_visions', 'priorities', 'site_plans'] },
    { id: 'roll-call', key: 'part.roll_call', more: (row) => <RollCall row={row} /> },
    { id: 'impact', key: 'nav.dashboard', more: (row) => <ImpactOf row={row} /> },
    { id: 'recognition', key: 'nav.gifts', more: (row) => <><Owed query={{ site_id: row.id }} /><Stories query={{ site_id: row.id }} /></> },
    { id: 'growth', key: 'part.growth', more: (row) => <><FundingOf query={{ site_id: row.id }} /><Trainings query={{ site_id: row.id }} /></>, related: ['coachings'] },
    { id: 'ready', key: 'part.ready', more: (row) => <Readiness row={row} />, related: ['readiness_ratings', 'posts'] },
    { id: 'timeline', key: 'part.timeline', related: ['interactions', 'action_items'] },
  ],
  needs: [
    { id: 'overview', key: 'part.overview', more: (row) => <NeedProgress row={row} />, related: ['displacement_reviews'],
      facts: ['site_id', 'network_id', 'focus_area_id', 'priority_id', 'call_to_action_id', 'description', 'resource_kinds', 'people_affected', 'needed_by', 'origin', 'internal_capacity', 'capacity_reason', 'status_reason', 'is_public'] },
    { id: 'matches', key: 'match.title', more: (row) => <MatchesOf row={row} /> },
  ],
  calls_to_action: [
    { id: 'overview', key: 'part.overview', more: (row) => <CallProgress row={row} /> },
    { id: 'answers', key: 'calls.answers', more: (row) => <CallAnswers row={row} /> },
  ],
  reports: [
    { id: 'overview', key: 'part.overview', more: (row) => <ReportFiles row={row} />, facts: ['network_id', 'site_id', 'partner_id', 'partnership_id', 'school_year', 'period', 'parts', 'every', 'recipient_roles', 'next_on', 'last_on', 'owner_id'] },
  ],
  check_ins: [
    { id: 'overview', key: 'part.overview', more: (row) => <Sides row={row} />, facts: ['partnership_id', 'school_year', 'number', 'due_on', 'opens_on', 'missing', 'reason', 'goals_open'] },
    { id: 'write', key: 'half.title', more: (row) => <WriteHalf row={row} />, when: (row) => row.status === 'open' && hasRole('admin', 'director', 'coordinator', 'school_leader') },
    { id: 'next', key: 'part.next', related: ['action_items', 'goal_settlements'] },
    { id: 'mails', key: 'part.mails', more: (row) => <Mails query={{ subject_id: row.id }} />, related: ['reminders', 'check_in_delegates'] },
  ],
  contacts: [
    { id: 'overview', key: 'part.overview', related: ['affiliations', 'partnership_roles'], facts: ['email', 'phone', 'locale', 'note', 'prefers'] },
    { id: 'mails', key: 'part.mails', more: (row) => <Mails query={{ contact_id: row.id }} ahead={{ plural: 'contacts', id: row.id }} />, related: ['preferences'] },
  ],
};

export function partsOf(plural: Plural, row: Row): Part[] {
  return (SHAPES[plural] ?? []).filter((shape) => shape.when?.(row) ?? true).map((shape) => ({
    id: shape.id, text: t(shape.key), show: () => <OnePart plural={plural} row={row} shape={shape} /> }));
}

function OnePart({ plural, row, shape }: { plural: Plural; row: Row; shape: Shape }) {
  const resource = useResource(plural);
  if (!resource) return null;
  return (
    <>
      {shape.more?.(row)}
      {shape.facts && <Facts resource={resource} row={row} names={shape.facts} />}
      {shape.related?.map((one) => <Related key={one} of={resource} plural={one} row={row} />)}
    </>
  );
}

interface Transitions { status: string; possible: { action: string; to: string; missing: string[] }[] }

/** What is still missing before both sides may begin. */
function Gate({ row }: { row: Row }) {
  const { data } = useGet<Transitions>(`/v1/partnerships/${row.id}/transitions`);
  const next = data?.possible.find((one) => one.action === 'activate' && one.missing.length);
  if (!next) return null;
  return (
    <Card id="gate" title={t('gate.title')}>
      <ul class="steps">{next.missing.map((one) => <li key={one}><Badge value={one} tone="warn" /></li>)}</ul>
    </Card>
  );
}

interface Sides { partner_cents: number; district_cents: number; partner_pledged_cents: number; district_pledged_cents: number }

/** What both sides have given this school year, and what they have promised. */
function Balance({ of }: { of: string }) {
  const { data } = useGet<Sides>(address('/v1/balance', { scope: of, school_year: format.thisSchoolYear() }));
  if (!data) return null;
  return (
    <Card id="balance" title={`${t('dashboard.investments')}, ${format.schoolYear(format.thisSchoolYear())}`}>
      <Bars title={t('dashboard.investments')} format={format.money} bars={[
        { label: t('dashboard.from_partners'), value: data.partner_cents },
        { label: t('dashboard.from_district'), value: data.district_cents, tone: 'quiet' },
        { label: t('balance.partner_pledged'), value: data.partner_pledged_cents },
        { label: t('balance.district_pledged'), value: data.district_pledged_cents, tone: 'quiet' }]} />
    </Card>
  );
}
