-- What a link in a mail opens: one task of one person, without an account. kith-mailer makes them when
-- it sends, so that the token itself is nowhere but in the mail.

SET ROLE kith_owner;

CREATE TABLE link (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    token_hash text NOT NULL, -- SHA-256 in hexadecimal
    purpose text NOT NULL,
    subject_id uuid,  -- the check-in, survey invitation or agreement; NULL: the person itself
    contact_id uuid,  -- for whom: of a partner,
    user_id uuid,     -- or of the district
    message_id uuid,  -- the mail that it stands in
    expires_at timestamptz NOT NULL, -- the first instant at which it opens nothing
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    CONSTRAINT link_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT link_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT link_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT link_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT link_message_id_fkey FOREIGN KEY (district_id, message_id)
        REFERENCES message (district_id, id),
    CONSTRAINT link_token_hash_key UNIQUE (district_id, token_hash),
    CONSTRAINT link_token_hash_check CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT link_purpose_check CHECK (purpose IN ('check_in', 'survey', 'agreement', 'preferences')),
    CONSTRAINT link_subject_id_check CHECK ((purpose = 'preferences') = (subject_id IS NULL)),
    CONSTRAINT link_contact_id_check CHECK (num_nonnulls(contact_id, user_id) = 1)
);
CREATE INDEX link_contact_id ON link (district_id, contact_id);
CREATE INDEX link_user_id ON link (district_id, user_id);
CREATE INDEX link_message_id ON link (district_id, message_id);

GRANT SELECT ON link TO kith_api;
GRANT SELECT, INSERT ON link TO kith_mailer;

RESET ROLE;
