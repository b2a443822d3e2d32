-- Who leaves, and who takes over: departures with their receivers, the letters that introduce whoever follows;
-- and what brings a partner on that has stayed where it was.

SET ROLE kith_owner;

CREATE TABLE departure (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid, -- who leaves: of the district
    contact_id uuid, -- or of a partner
    partner_id uuid, -- of a contact: leaves this partner alone
    on_date date NOT NULL, -- the first day on which the person is not there
    reason text,
    receiver_user_id uuid, -- who takes over what says nobody else
    receiver_contact_id uuid,
    status text NOT NULL DEFAULT 'planned',
    status_reason text,
    problem text, -- why the day has come and nothing was handed over
    handed_over_at timestamptz,
    items jsonb, -- what was handed over, as it was
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT departure_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT departure_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT departure_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT departure_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT departure_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT departure_receiver_user_id_fkey FOREIGN KEY (district_id, receiver_user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT departure_receiver_contact_id_fkey FOREIGN KEY (district_id, receiver_contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT departure_contact_id_check CHECK (num_nonnulls(user_id, contact_id) = 1),
    CONSTRAINT departure_partner_id_check CHECK (partner_id IS NULL OR contact_id IS NOT NULL),
    CONSTRAINT departure_reason_check CHECK (char_length(reason) <= 10000),
    CONSTRAINT departure_receiver_user_id_check CHECK (receiver_user_id IS NULL OR user_id IS NOT NULL),
    CONSTRAINT departure_receiver_contact_id_check CHECK (receiver_contact_id IS NULL OR contact_id IS NOT NULL),
    CONSTRAINT departure_status_check CHECK (status IN ('planned', 'handed_over', 'cancelled')),
    CONSTRAINT departure_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT departure_handed_over_at_check CHECK ((status = 'handed_over') = (handed_over_at IS NOT NULL))
);
CREATE UNIQUE INDEX departure_user_id_key ON departure (district_id, user_id)
    WHERE status = 'planned' AND archived_at IS NULL;
CREATE UNIQUE INDEX departure_contact_id_key ON departure (district_id, contact_id, coalesce(partner_id, contact_id))
    WHERE status = 'planned' AND archived_at IS NULL;
CREATE INDEX departure_user_id ON departure (district_id, user_id, on_date, id);
CREATE INDEX departure_contact_id ON departure (district_id, contact_id, on_date, id);
CREATE INDEX departure_status ON departure (district_id, status, on_date, id);
CREATE INDEX departure_on_date ON departure (district_id, on_date, id);
CREATE INDEX departure_updated_at ON departure (district_id, updated_at, id);
CREATE INDEX departure_created_at ON departure (district_id, created_at, id);

CREATE TABLE departure_receiver (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    departure_id uuid NOT NULL,
    resource text NOT NULL,
    subject_id uuid, -- NULL: all of the resource
    user_id uuid, -- neither: it ends with who leaves
    contact_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT departure_receiver_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT departure_receiver_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT departure_receiver_departure_id_fkey FOREIGN KEY (district_id, departure_id)
        REFERENCES departure (district_id, id),
    CONSTRAINT departure_receiver_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT departure_receiver_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT departure_receiver_contact_id_check CHECK (num_nonnulls(user_id, contact_id) <= 1),
    CONSTRAINT departure_receiver_resource_check CHECK (char_length(resource) BETWEEN 1 AND 64)
);
CREATE UNIQUE INDEX departure_receiver_subject_id_key
    ON departure_receiver (district_id, departure_id, resource, coalesce(subject_id, departure_id))
    WHERE archived_at IS NULL;
CREATE INDEX departure_receiver_departure_id ON departure_receiver (district_id, departure_id, created_at, id);
CREATE INDEX departure_receiver_resource ON departure_receiver (district_id, resource, created_at, id);
CREATE INDEX departure_receiver_updated_at ON departure_receiver (district_id, updated_at, id);
CREATE INDEX departure_receiver_created_at ON departure_receiver (district_id, created_at, id);

CREATE TABLE introduction_letter (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    departure_id uuid NOT NULL,
    contact_id uuid NOT NULL, -- whom it is to
    user_id uuid, -- of the district: whom it introduces, or who cares for what its reader takes over
    partnership_id uuid,
    kind text NOT NULL,
    about text[] NOT NULL DEFAULT '{}', -- names of partnerships
    text text, -- NULL: the usual words, in its reader's language
    status text NOT NULL DEFAULT 'draft',
    sent_at timestamptz,
    message_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT introduction_letter_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT introduction_letter_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT introduction_letter_departure_id_fkey FOREIGN KEY (district_id, departure_id)
        REFERENCES departure (district_id, id),
    CONSTRAINT introduction_letter_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT introduction_letter_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT introduction_letter_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT introduction_letter_message_id_fkey FOREIGN KEY (district_id, message_id)
        REFERENCES message (district_id, id),
    CONSTRAINT introduction_letter_kind_check CHECK (kind IN ('follows', 'takes_over')),
    CONSTRAINT introduction_letter_text_check CHECK (char_length(text) <= 10000),
    CONSTRAINT introduction_letter_status_check CHECK (status IN ('draft', 'sent', 'skipped')),
    CONSTRAINT introduction_letter_sent_at_check CHECK ((status = 'sent') = (sent_at IS NOT NULL))
);
CREATE UNIQUE INDEX introduction_letter_contact_id_key
    ON introduction_letter (district_id, departure_id, contact_id);
CREATE INDEX introduction_letter_departure_id ON introduction_letter (district_id, departure_id, created_at, id);
CREATE INDEX introduction_letter_contact_id ON introduction_letter (district_id, contact_id, created_at, id);
CREATE INDEX introduction_letter_user_id ON introduction_letter (district_id, user_id, created_at, id);
CREATE INDEX introduction_letter_status ON introduction_letter (district_id, status, created_at, id);
CREATE INDEX introduction_letter_updated_at ON introduction_letter (district_id, updated_at, id);
CREATE INDEX introduction_letter_created_at ON introduction_letter (district_id, created_at, id);

CREATE TABLE remedy (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    need_ids jsonb NOT NULL,
    contact_id uuid NOT NULL, -- whom the mail is to
    lead_id uuid, -- who leads the partner's work today, and is told first
    text text,
    status text NOT NULL DEFAULT 'waiting',
    status_reason text,
    waits_until date NOT NULL, -- the mail goes on this day
    sent_at timestamptz,
    message_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT remedy_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT remedy_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT remedy_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT remedy_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT remedy_lead_id_fkey FOREIGN KEY (district_id, lead_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT remedy_message_id_fkey FOREIGN KEY (district_id, message_id)
        REFERENCES message (district_id, id),
    CONSTRAINT remedy_need_ids_check CHECK (jsonb_array_length(need_ids) BETWEEN 1 AND 5),
    CONSTRAINT remedy_text_check CHECK (char_length(text) <= 10000),
    CONSTRAINT remedy_status_check CHECK (status IN ('waiting', 'sent', 'cancelled')),
    CONSTRAINT remedy_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT remedy_sent_at_check CHECK ((status = 'sent') = (sent_at IS NOT NULL))
);
CREATE UNIQUE INDEX remedy_partner_id_key ON remedy (district_id, partner_id)
    WHERE status = 'waiting' AND archived_at IS NULL;
CREATE INDEX remedy_partner_id ON remedy (district_id, partner_id, waits_until, id);
CREATE INDEX remedy_lead_id ON remedy (district_id, lead_id, waits_until, id);
CREATE INDEX remedy_status ON remedy (district_id, status, waits_until, id);
CREATE INDEX remedy_waits_until ON remedy (district_id, waits_until, id);
CREATE INDEX remedy_updated_at ON remedy (district_id, updated_at, id);
CREATE INDEX remedy_created_at ON remedy (district_id, created_at, id);

CREATE TABLE stuck_dismissal (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    reason text NOT NULL,
    until_date date NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT stuck_dismissal_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT stuck_dismissal_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT stuck_dismissal_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT stuck_dismissal_reason_check CHECK (char_length(reason) BETWEEN 1 AND 10000)
);
CREATE INDEX stuck_dismissal_partner_id ON stuck_dismissal (district_id, partner_id, until_date, id);
CREATE INDEX stuck_dismissal_until_date ON stuck_dismissal (district_id, until_date, id);
CREATE INDEX stuck_dismissal_updated_at ON stuck_dismissal (district_id, updated_at, id);
CREATE INDEX stuck_dismissal_created_at ON stuck_dismissal (district_id, created_at, id);

-- Days that the present lead of a partner has before others' needs are laid before it.
ALTER TABLE district
    ADD COLUMN remedy_wait_days integer NOT NULL DEFAULT 5,
    ADD CONSTRAINT district_remedy_wait_days_check CHECK (remedy_wait_days BETWEEN 0 AND 60);

-- Who owned it once may own it again.
DROP INDEX partner_owner_user_id_key;
CREATE UNIQUE INDEX partner_owner_user_id_key
    ON partner_owner (district_id, partner_id, user_id) WHERE archived_at IS NULL AND until_date IS NULL;

GRANT SELECT, INSERT, UPDATE ON departure, departure_receiver, introduction_letter, remedy, stuck_dismissal TO kith_api;

RESET ROLE;
