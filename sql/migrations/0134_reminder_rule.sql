-- Reminder rules, each from a date on: of a district, and of a partnership in the place of its district's. What was
-- in force stays, so that it can be told why somebody was reminded. district.reminder_days and
-- partnership.reminder_days are read no more.

SET ROLE kith_owner;

CREATE TABLE reminder_rule (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid, -- NULL: the district's
    effective_from date NOT NULL, -- the first day that it decides
    follows_district boolean NOT NULL DEFAULT false, -- from then on the partnership has the district's
    reminder_days integer[] NOT NULL,
    recipients text NOT NULL,
    language text NOT NULL,
    locale text,
    escalates boolean NOT NULL,
    escalation_days bigint NOT NULL, -- after the due date
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT reminder_rule_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT reminder_rule_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT reminder_rule_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT reminder_rule_follows_district_check CHECK (NOT follows_district OR partnership_id IS NOT NULL),
    CONSTRAINT reminder_rule_reminder_days_check
        CHECK (cardinality(reminder_days) <= 10 AND -90 <= ALL (reminder_days) AND 90 >= ALL (reminder_days)),
    CONSTRAINT reminder_rule_recipients_check CHECK (recipients IN ('leads', 'co_leads', 'coordinators')),
    CONSTRAINT reminder_rule_language_check CHECK (language IN ('person', 'district', 'fixed')),
    CONSTRAINT reminder_rule_locale_check CHECK ((language = 'fixed') = (locale IS NOT NULL)),
    CONSTRAINT reminder_rule_escalation_days_check CHECK (escalation_days BETWEEN 1 AND 90)
);
CREATE UNIQUE INDEX reminder_rule_effective_from_key
    ON reminder_rule (district_id, partnership_id, effective_from) NULLS NOT DISTINCT WHERE archived_at IS NULL;
CREATE INDEX reminder_rule_partnership_id ON reminder_rule (district_id, partnership_id, created_at, id);
CREATE INDEX reminder_rule_effective_from ON reminder_rule (district_id, effective_from, id);
CREATE INDEX reminder_rule_created_at ON reminder_rule (district_id, created_at, id);
CREATE INDEX reminder_rule_updated_at ON reminder_rule (district_id, updated_at, id);

ALTER TABLE reminder
    ADD COLUMN reminder_rule_id uuid, -- NULL: none, somebody's own choice; or it was decided before rules were kept
    ADD CONSTRAINT reminder_reminder_rule_id_fkey FOREIGN KEY (district_id, reminder_rule_id)
        REFERENCES reminder_rule (district_id, id);
CREATE INDEX reminder_reminder_rule_id ON reminder (district_id, reminder_rule_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON reminder_rule TO kith_api;
GRANT SELECT ON reminder_rule TO kith_checkin;

RESET ROLE;

-- What the districts and partnerships that are there have. A day that a rule has not always decided is decided by a
-- rule of the first day whose mail hour was still to come.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM district) THEN
        RETURN;
    END IF;
    INSERT INTO reminder_rule (district_id, id, partnership_id, effective_from, reminder_days, recipients, language, escalates,
                               escalation_days, created_at, updated_at)
    WITH owner AS (
        SELECT d.id AS district_id, NULL::uuid AS partnership_id, d.reminder_days AS rules, d.reminder_days_since AS since,
               d.zone, d.mail_hour
        FROM district d
        UNION ALL
        SELECT p.district_id, p.id, p.reminder_days, p.reminder_days_since, coalesce(s.zone, d.zone), d.mail_hour
        FROM partnership p
        JOIN district d ON d.id = p.district_id
        LEFT JOIN site s ON s.district_id = p.district_id AND s.id = p.lead_site_id
        WHERE p.reminder_days <> '{}'),
    dated AS (
        SELECT o.district_id, o.partnership_id, rule,
               coalesce(((o.since ->> rule::text)::timestamptz AT TIME ZONE o.zone - make_interval(hours => o.mail_hour::integer)
                         + interval '1 day' - interval '1 microsecond')::date, '2000-01-01') AS day
        FROM owner o CROSS JOIN LATERAL unnest(o.rules) AS rule)
    SELECT v.district_id, uuid7(), v.partnership_id, v.day,
           ARRAY(SELECT d.rule FROM dated d
                 WHERE d.district_id = v.district_id AND d.partnership_id IS NOT DISTINCT FROM v.partnership_id
                   AND d.day <= v.day ORDER BY d.rule),
           'leads', 'person', true, 1, now(), now()
    FROM (SELECT d.district_id, d.partnership_id, d.day FROM dated d
          UNION SELECT d.id, NULL, '2000-01-01' FROM district d) AS v;
END
$$;
