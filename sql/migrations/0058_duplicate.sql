-- Which records of a district may be of one partner, or of one person: by keys that are the same when what they tell
-- of is, kept as the records change; and which of these pairs somebody knows to be two.

SET ROLE kith_owner;

CREATE TABLE duplicate_key (
    district_id uuid NOT NULL,
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL, -- partner, contact
    of_id uuid NOT NULL,
    family_id uuid NOT NULL, -- a partner's whole: branches are not the same as it, or as each other
    reason text NOT NULL,
    key text NOT NULL,
    CONSTRAINT duplicate_key_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT duplicate_key_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id)
);
CREATE INDEX duplicate_key_key ON duplicate_key (district_id, kind, reason, key);
CREATE INDEX duplicate_key_of_id ON duplicate_key (district_id, of_id);

CREATE TABLE duplicate_match (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    first_id uuid NOT NULL, -- below the second
    second_id uuid NOT NULL,
    reasons text[] NOT NULL,
    score integer NOT NULL,
    CONSTRAINT duplicate_match_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT duplicate_match_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT duplicate_match_first_id_key UNIQUE (district_id, first_id, second_id)
);
CREATE INDEX duplicate_match_score ON duplicate_match (district_id, score, id);
CREATE INDEX duplicate_match_kind ON duplicate_match (district_id, kind, score, id);
CREATE INDEX duplicate_match_first_id ON duplicate_match (district_id, first_id, score, id);
CREATE INDEX duplicate_match_second_id ON duplicate_match (district_id, second_id, score, id);

CREATE TABLE duplicate_dismissal (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    first_id uuid NOT NULL,
    second_id uuid NOT NULL,
    reason text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT duplicate_dismissal_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT duplicate_dismissal_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT duplicate_dismissal_second_id_check CHECK (first_id <> second_id),
    CONSTRAINT duplicate_dismissal_reason_check CHECK (char_length(reason) BETWEEN 1 AND 10000)
);
CREATE UNIQUE INDEX duplicate_dismissal_second_id_key ON duplicate_dismissal
    (district_id, least(first_id, second_id), greatest(first_id, second_id)) WHERE archived_at IS NULL;
CREATE INDEX duplicate_dismissal_first_id ON duplicate_dismissal (district_id, first_id, created_at, id);
CREATE INDEX duplicate_dismissal_second_id ON duplicate_dismissal (district_id, second_id, created_at, id);
CREATE INDEX duplicate_dismissal_updated_at ON duplicate_dismissal (district_id, updated_at, id);
CREATE INDEX duplicate_dismissal_created_at ON duplicate_dismissal (district_id, created_at, id);

CREATE VIEW duplicate_pair WITH (security_invoker = true) AS
    SELECT m.district_id, m.id, m.kind, m.first_id, m.second_id, m.reasons, m.score,
           d.id IS NOT NULL AS is_dismissed, d.id AS dismissal_id
    FROM duplicate_match m
    LEFT JOIN duplicate_dismissal d ON d.district_id = m.district_id AND d.archived_at IS NULL
        AND least(d.first_id, d.second_id) = m.first_id AND greatest(d.first_id, d.second_id) = m.second_id;

GRANT SELECT ON duplicate_match, duplicate_pair TO kith_api;
GRANT SELECT, INSERT, UPDATE ON duplicate_dismissal TO kith_api;

RESET ROLE;
