-- How people get in and are seen out: invitations, sessions with their place, partners' contacts as users of
-- their own organization's affairs; mail that somebody holds; events that nobody could handle.

SET ROLE kith_owner;

ALTER TABLE app_user
    ADD COLUMN contact_id uuid, -- the partner's contact who this is; NULL: the district's own
    ADD CONSTRAINT app_user_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    ADD CONSTRAINT app_user_contact_id_key UNIQUE (district_id, contact_id);

-- Where a session was begun.
ALTER TABLE access_token
    ADD COLUMN address text,
    ADD COLUMN agent text,
    ADD CONSTRAINT access_token_address_check CHECK (char_length(address) <= 64),
    ADD CONSTRAINT access_token_agent_check CHECK (char_length(agent) <= 255);
CREATE INDEX access_token_session_created_at ON access_token (district_id, created_at, id)
    WHERE kind = 'session';
CREATE INDEX access_token_session_updated_at ON access_token (district_id, updated_at, id)
    WHERE kind = 'session';

CREATE VIEW user_session WITH (security_invoker = true) AS
SELECT xmin, district_id, id, user_id, address, agent, expires_at, revoked_at, last_used_at,
       version, created_at, updated_at, archived_at
FROM access_token
WHERE kind = 'session';
GRANT SELECT ON user_session TO kith_api;

CREATE TABLE user_invitation (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    invited_by uuid DEFAULT nullif(current_setting('kith.user', true), '')::uuid,
    mails bigint NOT NULL DEFAULT 1, -- sent, or to be
    expires_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz + interval '7 days',
    ended_at timestamptz, -- accepted or revoked
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT user_invitation_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT user_invitation_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT user_invitation_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT user_invitation_invited_by_fkey FOREIGN KEY (district_id, invited_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT user_invitation_status_check CHECK (status IN ('pending', 'accepted', 'revoked')),
    CONSTRAINT user_invitation_ended_at_check CHECK ((ended_at IS NULL) = (status = 'pending'))
);
CREATE UNIQUE INDEX user_invitation_user_id_key ON user_invitation (district_id, user_id)
    WHERE status = 'pending';
CREATE INDEX user_invitation_user_id ON user_invitation (district_id, user_id, created_at, id);
CREATE INDEX user_invitation_status ON user_invitation (district_id, status, created_at, id);
CREATE INDEX user_invitation_expires_at ON user_invitation (district_id, expires_at, id);
CREATE INDEX user_invitation_created_at ON user_invitation (district_id, created_at, id);
CREATE INDEX user_invitation_updated_at ON user_invitation (district_id, updated_at, id);

-- Mail on hold because somebody says so.
ALTER TABLE district
    ADD COLUMN mail_held_at timestamptz,
    ADD COLUMN mail_held_by uuid,
    ADD COLUMN mail_hold_reason text,
    ADD CONSTRAINT district_mail_held_by_fkey FOREIGN KEY (district_id, mail_held_by)
        REFERENCES app_user (district_id, id),
    ADD CONSTRAINT district_mail_hold_reason_check CHECK (char_length(mail_hold_reason) <= 10000),
    ADD CONSTRAINT district_mail_held_at_check CHECK (mail_held_at IS NULL OR mail_hold_reason IS NOT NULL);

ALTER TABLE dead_letter
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    ADD COLUMN drop_reason text, -- nobody handles it any more
    ADD COLUMN dropped_at timestamptz,
    ADD COLUMN dropped_by uuid,
    ADD CONSTRAINT dead_letter_id_key UNIQUE (district_id, id),
    ADD CONSTRAINT dead_letter_drop_reason_check CHECK (char_length(drop_reason) <= 10000);
CREATE INDEX dead_letter_first_at ON dead_letter (district_id, first_at, id);
CREATE INDEX dead_letter_last_at ON dead_letter (district_id, last_at, id);

CREATE VIEW dead_letter_entry WITH (security_invoker = true) AS
SELECT d.xmin, d.district_id, d.id, d.version, d.first_at AS created_at, d.last_at AS updated_at,
       NULL::timestamptz AS archived_at, d.consumer, d.event_id, d.type, d.attempts, d.error, d.dead_at,
       CASE WHEN d.dropped_at IS NOT NULL THEN 'dropped' WHEN d.dead_at IS NULL THEN 'tried'
            ELSE 'dead' END AS status,
       d.drop_reason, d.dropped_at, d.dropped_by
FROM dead_letter d;
GRANT SELECT ON dead_letter, dead_letter_entry TO kith_api;

-- Why a round failed, until one goes well.
ALTER TABLE schedule
    ADD COLUMN error text,
    ADD COLUMN failed_at timestamptz,
    ADD CONSTRAINT schedule_error_check CHECK (char_length(error) <= 1000);

GRANT SELECT ON schedule TO kith_api;
GRANT SELECT, INSERT, UPDATE ON user_invitation TO kith_api;
GRANT SELECT ON user_invitation TO kith_mailer;

-- One request's whole work.
CREATE INDEX audit_request_id ON audit (district_id, request_id, at, id);

RESET ROLE;
