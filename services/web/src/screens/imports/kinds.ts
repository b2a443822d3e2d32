// What can be imported, what most districts begin with first.
export const KINDS = ['partners', 'contacts', 'affiliations', 'sites', 'partnerships', 'agreements', 'programs', 'offers', 'gifts', 'investments', 'interactions', 'activities', 'goals', 'needs', 'observations', 'users',
  'credentials', 'networks', 'focus_areas', 'partner_focus_areas', 'partner_owners', 'partnership_partners', 'partnership_sites', 'partnership_roles', 'agreement_partnerships', 'goal_partnerships', 'placements',
  'program_sites', 'donees', 'site_years', 'reporting_quarters', 'site_quarters', 'closed_days', 'academic_sessions'] as const;
export const WITH_OWN_FIELDS = ['sites', 'partners', 'contacts', 'partnerships'];
