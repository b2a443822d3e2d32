-- Money from elsewhere and the partnerships that it carries; training, coaching of school leaders, and examples.

SET ROLE kith_owner;

CREATE TABLE funding_opportunity (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    funder text NOT NULL,
    kind text NOT NULL,
    applicant text NOT NULL DEFAULT 'either',
    url text,
    description text,
    least_cents bigint,
    most_cents bigint,
    opens_on date,
    due_on date,
    focus_area_id uuid,
    owner_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT funding_opportunity_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT funding_opportunity_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT funding_opportunity_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT funding_opportunity_funder_check CHECK (char_length(funder) BETWEEN 1 AND 200),
    CONSTRAINT funding_opportunity_kind_check CHECK (
        kind IN ('government', 'foundation', 'corporate', 'community', 'other')),
    CONSTRAINT funding_opportunity_applicant_check CHECK (applicant IN ('district', 'partner', 'either')),
    CONSTRAINT funding_opportunity_url_check CHECK (char_length(url) <= 2000),
    CONSTRAINT funding_opportunity_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT funding_opportunity_least_cents_check CHECK (least_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT funding_opportunity_most_cents_check CHECK (most_cents BETWEEN 0 AND 1000000000000 AND most_cents >= least_cents),
    CONSTRAINT funding_opportunity_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT funding_opportunity_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT funding_opportunity_due_on_check CHECK (due_on >= opens_on)
);
CREATE INDEX funding_opportunity_kind ON funding_opportunity (district_id, kind, name, id);
CREATE INDEX funding_opportunity_applicant ON funding_opportunity (district_id, applicant, name, id);
CREATE INDEX funding_opportunity_due_on ON funding_opportunity (district_id, due_on, name, id);
CREATE INDEX funding_opportunity_focus_area_id ON funding_opportunity (district_id, focus_area_id, name, id);
CREATE INDEX funding_opportunity_owner_id ON funding_opportunity (district_id, owner_id, name, id);
CREATE INDEX funding_opportunity_name ON funding_opportunity (district_id, name, id);
CREATE INDEX funding_opportunity_updated_at ON funding_opportunity (district_id, updated_at, id);
CREATE INDEX funding_opportunity_created_at ON funding_opportunity (district_id, created_at, id);

CREATE TABLE funding_application (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    funding_opportunity_id uuid NOT NULL,
    title text NOT NULL,
    partner_id uuid,
    site_id uuid,
    owner_id uuid,
    requested_cents bigint,
    purpose text,
    due_on date,
    status text NOT NULL DEFAULT 'planned',
    status_reason text,
    submitted_on date,
    decided_on date,
    awarded_cents bigint,
    from_date date,
    until_date date,
    award_number text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT funding_application_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT funding_application_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT funding_application_funding_opportunity_id_fkey FOREIGN KEY (district_id, funding_opportunity_id)
        REFERENCES funding_opportunity (district_id, id),
    CONSTRAINT funding_application_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT funding_application_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT funding_application_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT funding_application_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT funding_application_requested_cents_check CHECK (requested_cents BETWEEN 1 AND 1000000000000),
    CONSTRAINT funding_application_purpose_check CHECK (char_length(purpose) <= 10000),
    CONSTRAINT funding_application_status_check CHECK (
        status IN ('planned', 'drafting', 'submitted', 'awarded', 'declined', 'withdrawn')),
    CONSTRAINT funding_application_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT funding_application_awarded_cents_check CHECK (awarded_cents BETWEEN 1 AND 1000000000000),
    CONSTRAINT funding_application_award_number_check CHECK (char_length(award_number) <= 64),
    CONSTRAINT funding_application_awarded_check CHECK (status <> 'awarded'
        OR awarded_cents IS NOT NULL AND from_date <= until_date)
);
CREATE INDEX funding_application_funding_opportunity_id ON funding_application (district_id, funding_opportunity_id, created_at, id);
CREATE INDEX funding_application_partner_id ON funding_application (district_id, partner_id, created_at, id);
CREATE INDEX funding_application_site_id ON funding_application (district_id, site_id, created_at, id);
CREATE INDEX funding_application_owner_id ON funding_application (district_id, owner_id, created_at, id);
CREATE INDEX funding_application_due_on ON funding_application (district_id, due_on, created_at, id);
CREATE INDEX funding_application_status ON funding_application (district_id, status, created_at, id);
CREATE INDEX funding_application_updated_at ON funding_application (district_id, updated_at, id);
CREATE INDEX funding_application_created_at ON funding_application (district_id, created_at, id);

CREATE TABLE funding_applicant (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    funding_application_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    role text NOT NULL DEFAULT 'co_applicant',
    share_cents bigint,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT funding_applicant_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT funding_applicant_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT funding_applicant_funding_application_id_fkey FOREIGN KEY (district_id, funding_application_id)
        REFERENCES funding_application (district_id, id),
    CONSTRAINT funding_applicant_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT funding_applicant_role_check CHECK (role IN ('co_applicant', 'subrecipient', 'evaluator', 'supporter')),
    CONSTRAINT funding_applicant_share_cents_check CHECK (share_cents BETWEEN 0 AND 1000000000000)
);
CREATE UNIQUE INDEX funding_applicant_partner_id_key
    ON funding_applicant (district_id, funding_application_id, partner_id) WHERE archived_at IS NULL;
CREATE INDEX funding_applicant_funding_application_id ON funding_applicant (district_id, funding_application_id, created_at, id);
CREATE INDEX funding_applicant_partner_id ON funding_applicant (district_id, partner_id, created_at, id);
CREATE INDEX funding_applicant_role ON funding_applicant (district_id, role, created_at, id);
CREATE INDEX funding_applicant_updated_at ON funding_applicant (district_id, updated_at, id);
CREATE INDEX funding_applicant_created_at ON funding_applicant (district_id, created_at, id);

CREATE TABLE funding_partnership (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    funding_application_id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    share_cents bigint NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT funding_partnership_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT funding_partnership_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT funding_partnership_funding_application_id_fkey FOREIGN KEY (district_id, funding_application_id)
        REFERENCES funding_application (district_id, id),
    CONSTRAINT funding_partnership_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT funding_partnership_share_cents_check CHECK (share_cents BETWEEN 1 AND 1000000000000)
);
CREATE UNIQUE INDEX funding_partnership_partnership_id_key
    ON funding_partnership (district_id, funding_application_id, partnership_id) WHERE archived_at IS NULL;
CREATE INDEX funding_partnership_funding_application_id ON funding_partnership (district_id, funding_application_id, created_at, id);
CREATE INDEX funding_partnership_partnership_id ON funding_partnership (district_id, partnership_id, created_at, id);
CREATE INDEX funding_partnership_updated_at ON funding_partnership (district_id, updated_at, id);
CREATE INDEX funding_partnership_created_at ON funding_partnership (district_id, created_at, id);

CREATE TABLE training (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL,
    partner_id uuid,
    site_id uuid,
    focus_area_id uuid,
    audience text NOT NULL,
    on_date date NOT NULL,
    until_date date,
    hours numeric(8,2),
    seats bigint,
    location text,
    description text,
    owner_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT training_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT training_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT training_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT training_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT training_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT training_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT training_audience_check CHECK (audience IN ('staff', 'partners', 'families', 'all')),
    CONSTRAINT training_hours_check CHECK (hours BETWEEN 0 AND 10000),
    CONSTRAINT training_seats_check CHECK (seats BETWEEN 1 AND 100000),
    CONSTRAINT training_location_check CHECK (char_length(location) <= 255),
    CONSTRAINT training_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT training_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT training_until_date_check CHECK (until_date >= on_date)
);
CREATE INDEX training_partner_id ON training (district_id, partner_id, on_date, id);
CREATE INDEX training_site_id ON training (district_id, site_id, on_date, id);
CREATE INDEX training_focus_area_id ON training (district_id, focus_area_id, on_date, id);
CREATE INDEX training_audience ON training (district_id, audience, on_date, id);
CREATE INDEX training_owner_id ON training (district_id, owner_id, on_date, id);
CREATE INDEX training_on_date ON training (district_id, on_date, id);
CREATE INDEX training_updated_at ON training (district_id, updated_at, id);
CREATE INDEX training_created_at ON training (district_id, created_at, id);

CREATE TABLE training_seat (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    training_id uuid NOT NULL,
    user_id uuid,
    contact_id uuid,
    status text NOT NULL DEFAULT 'registered',
    hours numeric(8,2),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT training_seat_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT training_seat_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT training_seat_training_id_fkey FOREIGN KEY (district_id, training_id)
        REFERENCES training (district_id, id),
    CONSTRAINT training_seat_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT training_seat_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT training_seat_status_check CHECK (
        status IN ('registered', 'waiting', 'attended', 'absent', 'cancelled')),
    CONSTRAINT training_seat_hours_check CHECK (hours BETWEEN 0 AND 10000)
);
CREATE UNIQUE INDEX training_seat_user_id_key
    ON training_seat (district_id, training_id, user_id) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX training_seat_contact_id_key
    ON training_seat (district_id, training_id, contact_id) WHERE archived_at IS NULL;
CREATE INDEX training_seat_training_id ON training_seat (district_id, training_id, created_at, id);
CREATE INDEX training_seat_user_id ON training_seat (district_id, user_id, created_at, id);
CREATE INDEX training_seat_contact_id ON training_seat (district_id, contact_id, created_at, id);
CREATE INDEX training_seat_status ON training_seat (district_id, status, created_at, id);
CREATE INDEX training_seat_updated_at ON training_seat (district_id, updated_at, id);
CREATE INDEX training_seat_created_at ON training_seat (district_id, created_at, id);

CREATE TABLE coaching (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    user_id uuid NOT NULL,
    school_year bigint NOT NULL,
    coach_id uuid,
    on_date date,
    sourcing bigint,
    tracking bigint,
    communication bigint,
    evaluation bigint,
    next_steps text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT coaching_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT coaching_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT coaching_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT coaching_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT coaching_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT coaching_coach_id_fkey FOREIGN KEY (district_id, coach_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT coaching_sourcing_check CHECK (sourcing BETWEEN 1 AND 4),
    CONSTRAINT coaching_tracking_check CHECK (tracking BETWEEN 1 AND 4),
    CONSTRAINT coaching_communication_check CHECK (communication BETWEEN 1 AND 4),
    CONSTRAINT coaching_evaluation_check CHECK (evaluation BETWEEN 1 AND 4),
    CONSTRAINT coaching_next_steps_check CHECK (char_length(next_steps) <= 10000)
);
CREATE UNIQUE INDEX coaching_school_year_key
    ON coaching (district_id, site_id, user_id, school_year) WHERE archived_at IS NULL;
CREATE INDEX coaching_site_id ON coaching (district_id, site_id, created_at, id);
CREATE INDEX coaching_user_id ON coaching (district_id, user_id, created_at, id);
CREATE INDEX coaching_school_year ON coaching (district_id, school_year, created_at, id);
CREATE INDEX coaching_coach_id ON coaching (district_id, coach_id, created_at, id);
CREATE INDEX coaching_on_date ON coaching (district_id, on_date, created_at, id);
CREATE INDEX coaching_updated_at ON coaching (district_id, updated_at, id);
CREATE INDEX coaching_created_at ON coaching (district_id, created_at, id);

CREATE TABLE example (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL,
    site_id uuid,
    partnership_id uuid,
    focus_area_id uuid,
    what text NOT NULL,
    how text,
    results text,
    url text,
    status text NOT NULL DEFAULT 'draft',
    shared_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT example_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT example_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT example_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT example_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT example_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT example_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT example_what_check CHECK (char_length(what) BETWEEN 1 AND 10000),
    CONSTRAINT example_how_check CHECK (char_length(how) <= 10000),
    CONSTRAINT example_results_check CHECK (char_length(results) <= 10000),
    CONSTRAINT example_url_check CHECK (char_length(url) <= 2000),
    CONSTRAINT example_status_check CHECK (status IN ('draft', 'shared', 'retired'))
);
CREATE INDEX example_site_id ON example (district_id, site_id, created_at, id);
CREATE INDEX example_partnership_id ON example (district_id, partnership_id, created_at, id);
CREATE INDEX example_focus_area_id ON example (district_id, focus_area_id, created_at, id);
CREATE INDEX example_status ON example (district_id, status, created_at, id);
CREATE INDEX example_updated_at ON example (district_id, updated_at, id);
CREATE INDEX example_created_at ON example (district_id, created_at, id);

CREATE TABLE example_copy (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    example_id uuid NOT NULL,
    site_id uuid NOT NULL,
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT example_copy_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT example_copy_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT example_copy_example_id_fkey FOREIGN KEY (district_id, example_id)
        REFERENCES example (district_id, id),
    CONSTRAINT example_copy_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT example_copy_note_check CHECK (char_length(note) <= 10000)
);
CREATE UNIQUE INDEX example_copy_site_id_key
    ON example_copy (district_id, example_id, site_id) WHERE archived_at IS NULL;
CREATE INDEX example_copy_example_id ON example_copy (district_id, example_id, created_at, id);
CREATE INDEX example_copy_site_id ON example_copy (district_id, site_id, created_at, id);
CREATE INDEX example_copy_updated_at ON example_copy (district_id, updated_at, id);
CREATE INDEX example_copy_created_at ON example_copy (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON funding_opportunity, funding_application, funding_applicant, funding_partnership, training, training_seat, coaching, example, example_copy
    TO kith_api;

RESET ROLE;
