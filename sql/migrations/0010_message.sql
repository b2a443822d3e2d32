-- Mail: every decision to send one or not, what became of it, who wants none, and whom to call where
-- mail cannot reach.

SET ROLE kith_owner;

-- Never partitioned: the natural key decides that a mail goes once.
CREATE TABLE message (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    class text NOT NULL,
    topic text NOT NULL,
    kind text NOT NULL, -- also the template's name
    subject_id uuid NOT NULL, -- what it is about
    recipient_key text NOT NULL, -- 'contact:…' or 'user:…'
    occurrence text NOT NULL, -- which one of its kind
    contact_id uuid,
    user_id uuid,
    partnership_id uuid,
    to_address text, -- as it was when this was decided; NULL: there was none
    locale text NOT NULL,
    variables jsonb NOT NULL DEFAULT '{}', -- no secret: a link is made when it is sent
    status text NOT NULL,
    reason text, -- why it does not go
    not_before timestamptz NOT NULL,
    not_after timestamptz NOT NULL, -- past it, it is stale
    attempt_count bigint NOT NULL DEFAULT 0,
    claimed_until timestamptz, -- the mailer's lease
    sent_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT message_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT message_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT message_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT message_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT message_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT message_occurrence_key
        UNIQUE (district_id, kind, subject_id, recipient_key, occurrence),
    CONSTRAINT message_class_check CHECK (class IN ('account', 'duty', 'program', 'bulletin')),
    CONSTRAINT message_topic_check CHECK (topic ~ '^[a-z_]{1,64}$'),
    CONSTRAINT message_kind_check CHECK (kind ~ '^[a-z_]{1,64}$'),
    CONSTRAINT message_occurrence_check CHECK (char_length(occurrence) BETWEEN 1 AND 255),
    CONSTRAINT message_contact_id_check CHECK (num_nonnulls(contact_id, user_id) = 1),
    CONSTRAINT message_recipient_key_check
        CHECK (recipient_key = coalesce('contact:' || contact_id, 'user:' || user_id)),
    CONSTRAINT message_variables_check CHECK (octet_length(variables::text) <= 16384),
    CONSTRAINT message_status_check CHECK (status IN (
        'queued', 'claimed', 'sent', 'retry', 'failed', 'unknown', 'suppressed')),
    CONSTRAINT message_reason_check CHECK (status <> 'suppressed' OR reason IS NOT NULL
        AND reason IN ('opted_out', 'bounced', 'no_email', 'already_done', 'left_org', 'stale',
                       'blackout', 'rate_limited', 'moved', 'cancelled')),
    CONSTRAINT message_to_address_check CHECK (to_address IS NOT NULL OR status = 'suppressed')
);
CREATE INDEX message_contact_id ON message (district_id, contact_id, created_at, id);
CREATE INDEX message_user_id ON message (district_id, user_id, created_at, id);
CREATE INDEX message_partnership_id ON message (district_id, partnership_id, created_at, id);
CREATE INDEX message_subject_id ON message (district_id, subject_id, created_at, id);
CREATE INDEX message_status ON message (district_id, status, created_at, id);
CREATE INDEX message_reason ON message (district_id, reason, created_at, id);
CREATE INDEX message_class ON message (district_id, class, created_at, id);
CREATE INDEX message_topic ON message (district_id, topic, created_at, id);
CREATE INDEX message_kind ON message (district_id, kind, created_at, id);
CREATE INDEX message_created_at ON message (district_id, created_at, id);
CREATE INDEX message_updated_at ON message (district_id, updated_at, id);
-- What the mailer may send next.
CREATE INDEX message_not_before ON message (district_id, not_before, id)
    WHERE status IN ('queued', 'claimed', 'retry', 'unknown');

-- Read by its message alone, so that months would cost more than they save.
CREATE TABLE message_attempt (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    number bigint NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text,
    code text, -- the server's: '250', '5.1.1'
    detail text,
    link_hash text, -- of the link in it, SHA-256 in hexadecimal; each attempt makes one of its own
    CONSTRAINT message_attempt_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT message_attempt_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT message_attempt_message_id_fkey FOREIGN KEY (district_id, message_id)
        REFERENCES message (district_id, id),
    CONSTRAINT message_attempt_number_key UNIQUE (district_id, message_id, number),
    CONSTRAINT message_attempt_link_hash_key UNIQUE (district_id, link_hash),
    CONSTRAINT message_attempt_outcome_check
        CHECK (outcome IN ('sent', 'deferred', 'refused', 'unknown')),
    CONSTRAINT message_attempt_code_check CHECK (char_length(code) <= 64),
    CONSTRAINT message_attempt_detail_check CHECK (char_length(detail) <= 1000),
    CONSTRAINT message_attempt_link_hash_check CHECK (link_hash ~ '^[0-9a-f]{64}$')
);

CREATE TABLE preference (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid,
    user_id uuid,
    topic text NOT NULL, -- 'all': every topic
    channel text NOT NULL DEFAULT 'email',
    opted_out boolean NOT NULL DEFAULT true,
    source text NOT NULL DEFAULT 'staff', -- by which way it was said
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT preference_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT preference_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT preference_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT preference_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT preference_contact_id_check CHECK (num_nonnulls(contact_id, user_id) = 1),
    CONSTRAINT preference_topic_check CHECK (topic ~ '^[a-z_]{1,64}$'),
    CONSTRAINT preference_channel_check CHECK (channel IN ('email')),
    CONSTRAINT preference_source_check
        CHECK (source IN ('staff', 'link', 'one_click', 'complaint', 'import'))
);
CREATE UNIQUE INDEX preference_topic_key
    ON preference (district_id, coalesce(contact_id, user_id), topic, channel)
    WHERE archived_at IS NULL;
CREATE INDEX preference_contact_id ON preference (district_id, contact_id, created_at, id);
CREATE INDEX preference_user_id ON preference (district_id, user_id, created_at, id);
CREATE INDEX preference_topic ON preference (district_id, topic, created_at, id);
CREATE INDEX preference_created_at ON preference (district_id, created_at, id);
CREATE INDEX preference_updated_at ON preference (district_id, updated_at, id);

-- Addresses that get nothing, whoever's they are.
CREATE TABLE address_suppression (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    address text NOT NULL, -- lower case, by whoever writes it
    reason text NOT NULL,
    detail text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT address_suppression_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT address_suppression_district_id_fkey FOREIGN KEY (district_id)
        REFERENCES district (id),
    CONSTRAINT address_suppression_address_check
        CHECK (char_length(address) BETWEEN 3 AND 254 AND address = lower(address)),
    CONSTRAINT address_suppression_reason_check CHECK (reason IN ('bounced', 'complaint', 'manual')),
    CONSTRAINT address_suppression_detail_check CHECK (char_length(detail) <= 10000)
);
CREATE UNIQUE INDEX address_suppression_address_key ON address_suppression (district_id, address)
    WHERE archived_at IS NULL;
CREATE INDEX address_suppression_address
    ON address_suppression (district_id, address, created_at, id);
CREATE INDEX address_suppression_reason ON address_suppression (district_id, reason, created_at, id);
CREATE INDEX address_suppression_created_at ON address_suppression (district_id, created_at, id);
CREATE INDEX address_suppression_updated_at ON address_suppression (district_id, updated_at, id);

-- A duty that mail could not tell of: somebody has to call, or to find out who follows.
CREATE TABLE call_task (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    reason text NOT NULL, -- the message's
    subject_id uuid NOT NULL, -- the message's
    recipient_key text NOT NULL,
    contact_id uuid,
    user_id uuid,
    partnership_id uuid,
    message_id uuid NOT NULL, -- the first one that could not go
    owner_id uuid, -- NULL: whoever comes first
    note text,
    done_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT call_task_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT call_task_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT call_task_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT call_task_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT call_task_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT call_task_message_id_fkey FOREIGN KEY (district_id, message_id)
        REFERENCES message (district_id, id),
    CONSTRAINT call_task_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    -- One for all the mails about one thing.
    CONSTRAINT call_task_recipient_key_key UNIQUE (district_id, subject_id, recipient_key),
    CONSTRAINT call_task_kind_check CHECK (kind IN ('call', 'hand_over')),
    CONSTRAINT call_task_status_check CHECK (status IN ('open', 'done')),
    CONSTRAINT call_task_note_check CHECK (char_length(note) <= 10000),
    CONSTRAINT call_task_done_at_check CHECK ((status = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX call_task_status ON call_task (district_id, status, created_at, id);
CREATE INDEX call_task_kind ON call_task (district_id, kind, created_at, id);
CREATE INDEX call_task_contact_id ON call_task (district_id, contact_id, created_at, id);
CREATE INDEX call_task_user_id ON call_task (district_id, user_id, created_at, id);
CREATE INDEX call_task_partnership_id ON call_task (district_id, partnership_id, created_at, id);
CREATE INDEX call_task_owner_id ON call_task (district_id, owner_id, created_at, id);
CREATE INDEX call_task_created_at ON call_task (district_id, created_at, id);
CREATE INDEX call_task_updated_at ON call_task (district_id, updated_at, id);

GRANT SELECT, INSERT, UPDATE ON message, preference, address_suppression, call_task TO kith_api;
GRANT SELECT ON message_attempt TO kith_api;
GRANT SELECT, INSERT, UPDATE ON message TO kith_checkin, kith_survey, kith_mailer;
GRANT SELECT, INSERT ON call_task TO kith_checkin, kith_survey, kith_mailer;
GRANT SELECT ON preference, address_suppression, district, contact, affiliation, app_user, partner,
    partnership, partnership_role TO kith_checkin, kith_survey, kith_mailer;
GRANT SELECT, INSERT, UPDATE ON message_attempt TO kith_mailer;
GRANT INSERT, UPDATE ON address_suppression TO kith_mailer;

RESET ROLE;
