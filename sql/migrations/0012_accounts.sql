-- Accounts: what a token is for and which roles it may use, the lists of users, grants and keys, the
-- audit log as a list, and the rest of a district's settings.

SET ROLE kith_owner;

ALTER TABLE access_token
    ADD COLUMN purpose text, -- the one task that a link opens
    ADD COLUMN roles text[], -- of an API key: it uses no others; NULL: all of its user's
    ADD CONSTRAINT access_token_purpose_check
        CHECK (purpose IS NULL OR (kind = 'link' AND purpose ~ '^[a-z_]{1,64}$')),
    ADD CONSTRAINT access_token_roles_check
        CHECK (roles IS NULL OR (kind = 'api_key' AND cardinality(roles) >= 1
            AND roles <@ '{admin,director,executive,coordinator,school_leader,reviewer,data_steward,viewer,partner}'));
-- Keys are few among the tokens of many sign-ins.
CREATE INDEX access_token_api_key_created_at ON access_token (district_id, created_at, id)
    WHERE kind = 'api_key';
CREATE INDEX access_token_api_key_updated_at ON access_token (district_id, updated_at, id)
    WHERE kind = 'api_key';

-- The API keys that the context may see: an administrator all, everybody else the own ones.
CREATE VIEW api_key WITH (security_invoker = true) AS
SELECT xmin, district_id, id, user_id, label, roles, expires_at, revoked_at, last_used_at,
       version, created_at, updated_at, archived_at
FROM access_token
WHERE kind = 'api_key'
  AND (user_id = current_setting('kith.user')::uuid
       OR 'admin' = ANY (string_to_array(current_setting('kith.roles'), ',')));
GRANT SELECT ON api_key TO kith_api;

CREATE INDEX app_user_name ON app_user (district_id, name, id);
CREATE INDEX app_user_status ON app_user (district_id, status, name, id);
CREATE INDEX app_user_created_at ON app_user (district_id, created_at, id);
CREATE INDEX app_user_updated_at ON app_user (district_id, updated_at, id);

CREATE INDEX user_grant_created_at ON user_grant (district_id, created_at, id);
CREATE INDEX user_grant_updated_at ON user_grant (district_id, updated_at, id);
CREATE INDEX user_grant_from_date ON user_grant (district_id, from_date, id);
CREATE INDEX user_grant_role ON user_grant (district_id, role, created_at, id);
CREATE INDEX user_grant_scope_kind ON user_grant (district_id, scope_kind, created_at, id);
CREATE INDEX user_grant_scope_id ON user_grant (district_id, scope_id, created_at, id);

-- Newest first by business time, with each filter.
DROP INDEX audit_aggregateid;
CREATE INDEX audit_at ON audit (district_id, at, id);
CREATE INDEX audit_actor ON audit (district_id, actor, at, id);
CREATE INDEX audit_aggregatetype ON audit (district_id, aggregatetype, at, id);
CREATE INDEX audit_aggregateid ON audit (district_id, aggregateid, at, id);
CREATE INDEX audit_action ON audit (district_id, action, at, id);

ALTER TABLE district
    ADD COLUMN reminder_days integer[] NOT NULL DEFAULT '{-14,-3,0,3,10}',
    ADD COLUMN check_in_opening_days integer NOT NULL DEFAULT 21,
    ADD COLUMN agreement_grace_days integer NOT NULL DEFAULT 30,
    ADD COLUMN agreement_lead_days integer[] NOT NULL DEFAULT '{180,120,90,30,7}',
    ADD COLUMN minimum_enrolled_days integer NOT NULL DEFAULT 10,
    ADD COLUMN go_live_at timestamptz, -- NULL: mail is on hold
    ADD CONSTRAINT district_reminder_days_check
        CHECK (cardinality(reminder_days) <= 10 AND -90 <= ALL (reminder_days) AND 90 >= ALL (reminder_days)),
    ADD CONSTRAINT district_check_in_opening_days_check CHECK (check_in_opening_days BETWEEN 1 AND 90),
    ADD CONSTRAINT district_agreement_grace_days_check CHECK (agreement_grace_days BETWEEN 0 AND 365),
    ADD CONSTRAINT district_agreement_lead_days_check
        CHECK (cardinality(agreement_lead_days) <= 10 AND 1 <= ALL (agreement_lead_days) AND 365 >= ALL (agreement_lead_days)),
    ADD CONSTRAINT district_minimum_enrolled_days_check CHECK (minimum_enrolled_days BETWEEN 1 AND 366);

RESET ROLE;
