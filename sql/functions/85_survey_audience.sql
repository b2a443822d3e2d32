-- Whom a survey asks, about what, and who is left out and why: the leads of relationships, or the people that saved
-- filters find. What is found at the opening stands in survey_invitation; a look at it before decides nothing.

SET ROLE kith_owner;

DROP FUNCTION IF EXISTS survey_people(uuid), survey_audience(uuid); -- of earlier versions

-- What a saved filter finds. As the owner: a filter may be its maker's own.
CREATE OR REPLACE FUNCTION survey_segment(p_filter uuid, p_resource text) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT r.id FROM saved_filter f CROSS JOIN LATERAL filter_rows(f.resource, f.criteria) r
    WHERE f.district_id = current_setting('kith.district')::uuid AND f.id = p_filter AND f.resource = p_resource
      AND f.archived_at IS NULL;
END;

-- How many relationships one person is asked about: those that began last.
CREATE OR REPLACE FUNCTION survey_most_asked() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 5;

-- A row for each person and relationship, or each person where it asks about none. The address decides who a person is;
-- rank counts its relationships.
CREATE FUNCTION survey_audience(p_survey uuid)
RETURNS TABLE (address text, user_id uuid, contact_id uuid, name text, partnership_id uuid, side text, audience text,
               reason text, rank bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT s.*, n.subject, district_today() AS today
        FROM survey s JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
        WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_survey
    ), segment_contact AS MATERIALIZED (
        SELECT g.id FROM asked a CROSS JOIN LATERAL survey_segment(a.contact_filter_id, 'contacts') g
    ), segment_user AS MATERIALIZED (
        SELECT g.id FROM asked a CROSS JOIN LATERAL survey_segment(a.user_filter_id, 'users') g
    ), person AS (
        SELECT DISTINCT r.user_id, r.contact_id, p.id AS partnership_id, r.side, p.activated_at
        FROM asked a
        JOIN partnership p ON p.district_id = a.district_id AND p.status IN ('active', 'renewing') AND p.archived_at IS NULL
            AND (a.partner_id IS NULL OR p.partner_id = a.partner_id)
            AND (a.site_id IS NULL OR p.lead_site_id = a.site_id OR EXISTS (
                SELECT FROM partnership_site ps
                WHERE ps.district_id = a.district_id AND ps.partnership_id = p.id AND ps.site_id = a.site_id
                  AND ps.archived_at IS NULL))
        JOIN partnership_role r ON r.district_id = a.district_id AND r.partnership_id = p.id AND r.archived_at IS NULL
            AND r.role IN ('lead', 'co_lead')
            AND (r.side = 'district' AND a.asks_district OR r.side = 'partner' AND a.asks_partner)
            AND a.today BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity')
        WHERE a.subject = 'relationship'
          AND (r.user_id IS NULL OR a.user_filter_id IS NULL OR r.user_id IN (SELECT g.id FROM segment_user g))
          AND (r.user_id IS NOT NULL OR a.contact_filter_id IS NULL
               OR r.contact_id IN (SELECT g.id FROM segment_contact g))
        UNION ALL
        SELECT NULL, g.id, NULL, NULL, NULL FROM segment_contact g CROSS JOIN asked a WHERE a.subject = 'none'
        UNION ALL
        SELECT g.id, NULL, NULL, NULL, NULL FROM segment_user g CROSS JOIN asked a WHERE a.subject = 'none'
    )
    SELECT k.address, k.user_id, k.contact_id, k.name, k.partnership_id, k.side,
           coalesce(a.audience, k.side, CASE WHEN k.user_id IS NULL THEN 'partner' ELSE 'district' END), k.reason,
           row_number() OVER (PARTITION BY coalesce(k.address, k.user_id::text, k.contact_id::text)
                              ORDER BY k.activated_at DESC NULLS LAST, k.partnership_id)
    FROM asked a
    CROSS JOIN LATERAL (
        SELECT coalesce(u.email, c.email) AS address, o.user_id, CASE WHEN o.user_id IS NULL THEN o.contact_id END AS contact_id,
               coalesce(u.name, c.name) AS name, o.partnership_id, o.side, o.activated_at,
               CASE WHEN coalesce(u.archived_at, c.archived_at) IS NOT NULL
                         OR o.contact_id IS NULL AND u.status <> 'active' OR c.status <> 'active' THEN 'left_org'
                    WHEN NOT 'email' = ANY (c.channels) THEN 'opted_out'
                    WHEN coalesce(u.email, c.email) IS NULL THEN 'no_email' END AS reason
        FROM person o
        LEFT JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.id = o.user_id
        LEFT JOIN contact c ON c.district_id = current_setting('kith.district')::uuid AND c.id = o.contact_id) AS k;
END;

-- One row a person, with its relationships: whether it is asked, or the reason why not. Of those who share an address one
-- is asked, about what all of them lead.
CREATE FUNCTION survey_people(p_survey uuid)
RETURNS TABLE (address text, user_id uuid, contact_id uuid, name text, audience text, reason text, asked uuid[], sides text[],
               left_out uuid[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH found AS MATERIALIZED (SELECT * FROM survey_audience(p_survey)),
    person AS (
        SELECT f.address, f.user_id, f.contact_id, min(f.name) AS name, min(f.audience) AS audience, min(f.reason) AS reason
        FROM found f GROUP BY f.address, f.user_id, f.contact_id
    ), placed AS (
        SELECT p.*, row_number() OVER (PARTITION BY coalesce(p.address, p.user_id::text, p.contact_id::text)
                                       ORDER BY p.reason NULLS FIRST, p.user_id, p.contact_id) AS place
        FROM person p
    ), about AS (
        SELECT o.key, array_agg(o.partnership_id ORDER BY o.place) FILTER (WHERE o.place <= survey_most_asked()) AS asked,
               array_agg(o.side ORDER BY o.place) FILTER (WHERE o.place <= survey_most_asked()) AS sides,
               array_agg(o.partnership_id ORDER BY o.place) FILTER (WHERE o.place > survey_most_asked()) AS left_out
        FROM (SELECT d.*, row_number() OVER (PARTITION BY d.key ORDER BY d.rank) AS place
              FROM (SELECT DISTINCT ON (coalesce(f.address, f.user_id::text, f.contact_id::text), f.partnership_id)
                           coalesce(f.address, f.user_id::text, f.contact_id::text) AS key, f.partnership_id, f.side, f.rank
                    FROM found f WHERE f.partnership_id IS NOT NULL
                    ORDER BY 1, 2, f.side) AS d) AS o
        GROUP BY o.key
    )
    SELECT p.address, p.user_id, p.contact_id, p.name, p.audience,
           CASE WHEN p.place > 1 THEN 'duplicate_address' ELSE p.reason END,
           CASE WHEN p.place = 1 THEN coalesce(a.asked, '{}') ELSE '{}' END,
           CASE WHEN p.place = 1 THEN coalesce(a.sides, '{}') ELSE '{}' END,
           CASE WHEN p.place = 1 THEN coalesce(a.left_out, '{}') ELSE '{}' END
    FROM placed p
    LEFT JOIN about a ON a.key = coalesce(p.address, p.user_id::text, p.contact_id::text);
END;

-- Invites whom the survey asks and it has not invited: how many it has looked at anew. Twice, or by many at once, it makes
-- the same rows.
CREATE OR REPLACE FUNCTION survey_invite(p_survey uuid) RETURNS integer
LANGUAGE plpgsql SET jit = off AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    about_site uuid := (SELECT s.site_id FROM survey s WHERE s.district_id = district AND s.id = p_survey);
    now_at timestamptz := current_setting('kith.now')::timestamptz;
    is_about_none boolean := survey_subject(p_survey) = 'none';
    first_invited text := uuid7();
    first_asked text := uuid7();
    made integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('invites ' || p_survey, 0)); -- whoever invites next sees whom this has invited
    WITH person AS MATERIALIZED (
        SELECT p.*, coalesce(p.address, '') <> '' AND p.reason IS DISTINCT FROM 'duplicate_address' AS has_address,
               CASE WHEN p.reason IS NULL THEN 'invited' ELSE 'excluded' END AS status,
               uuid7_nth(first_invited, row_number() OVER (ORDER BY p.address, p.user_id, p.contact_id)) AS id
        FROM survey_people(p_survey) p
    ), invited AS (
        INSERT INTO survey_invitation AS i (district_id, id, survey_id, address, user_id, contact_id, audience, status, reason,
                                            created_at, updated_at)
        SELECT district, p.id, p_survey, CASE WHEN p.has_address THEN p.address END, p.user_id, p.contact_id, p.audience,
               p.status, p.reason, now_at, now_at
        FROM person p
        WHERE NOT EXISTS (
            SELECT FROM survey_invitation o
            WHERE o.district_id = district AND o.survey_id = p_survey AND p.has_address AND o.address = p.address)
          AND NOT EXISTS (
            SELECT FROM survey_invitation o
            WHERE o.district_id = district AND o.survey_id = p_survey AND NOT p.has_address
              AND o.address IS NULL AND coalesce(o.contact_id, o.user_id) = coalesce(p.contact_id, p.user_id))
        ORDER BY p.id
        RETURNING i.id, i.status, i.audience
    ), asked AS (
        INSERT INTO survey_answer (district_id, id, survey_id, survey_invitation_id, partnership_id, side, audience, site_id,
                                   created_at, updated_at)
        SELECT district, uuid7_nth(first_asked, row_number() OVER ()), p_survey, a.id, a.partnership_id, a.side, a.audience,
               a.site_id, now_at, now_at
        FROM (SELECT i.id, NULL::uuid AS partnership_id, NULL AS side, i.audience, about_site AS site_id
              FROM invited i
              WHERE i.status = 'invited' AND is_about_none
              UNION ALL
              SELECT i.id, o.partnership_id, o.side, o.side, NULL
              FROM invited i
              JOIN person p ON p.id = i.id
              CROSS JOIN LATERAL unnest(p.asked, p.sides) AS o (partnership_id, side)
              WHERE i.status = 'invited' AND NOT is_about_none) AS a)
    SELECT count(*) INTO made FROM invited;
    PERFORM survey_looked(p_survey);
    RETURN made;
END
$$;

CREATE OR REPLACE FUNCTION survey_looked(p_survey uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    INSERT INTO survey_look (district_id, survey_id, looked_at)
    VALUES (current_setting('kith.district')::uuid, p_survey, current_setting('kith.now')::timestamptz)
    ON CONFLICT ON CONSTRAINT survey_look_pkey DO UPDATE SET looked_at = excluded.looked_at;
END;

-- What a survey asks about: a relationship, or none.
CREATE OR REPLACE FUNCTION survey_subject(p_survey uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT n.subject FROM survey s
            JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
            WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_survey);
END
$$;

REVOKE EXECUTE ON FUNCTION survey_segment, survey_most_asked, survey_audience, survey_people, survey_invite, survey_looked,
    survey_subject FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_segment, survey_most_asked, survey_audience, survey_people, survey_invite, survey_looked,
    survey_subject TO kith_api, kith_survey;

RESET ROLE;
