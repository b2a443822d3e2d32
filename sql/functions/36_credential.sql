-- Which credentials the partners of a partnership need, and which of them they lack.

SET ROLE kith_owner;

-- What partnerships lack on a day: which paper, and of which partner; a set, so that it is a part of the statement that
-- asks for many.
CREATE OR REPLACE FUNCTION credentials_missing(p_day date)
RETURNS TABLE (partnership_id uuid, kind text, partner_id uuid, is_co_partner boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, q.kind, w.partner_id, w.is_co_partner
    FROM partnership t
    CROSS JOIN LATERAL (
        SELECT t.partner_id, false AS is_co_partner
        UNION ALL
        SELECT c.partner_id, true
        FROM partnership_partner c
        WHERE c.district_id = t.district_id AND c.partnership_id = t.id AND c.archived_at IS NULL
          AND c.role IN ('co_partner', 'provider') AND c.partner_id <> t.partner_id
          AND p_day BETWEEN coalesce(c.from_date, '-infinity') AND coalesce(c.until_date, 'infinity')
        ) AS w
    JOIN partner r ON r.district_id = t.district_id AND r.id = w.partner_id
    JOIN required_credential q ON q.district_id = t.district_id AND q.archived_at IS NULL
        AND coalesce(q.arrangement, t.arrangement) = t.arrangement
        AND (q.tier IS NULL OR q.tier = coalesce(t.tier, r.tier))
    WHERE t.district_id = current_setting('kith.district')::uuid
      AND NOT EXISTS (
        SELECT FROM credential c
        WHERE c.district_id = t.district_id AND c.partner_id = w.partner_id AND c.kind = q.kind
          AND c.status = 'verified' AND c.archived_at IS NULL
          AND coalesce(c.expires_on, 'infinity') >= p_day
          AND (q.kind <> 'liability_insurance'
               OR coalesce(c.coverage_cents, 0) >= coalesce(q.least_coverage_cents, 0)));
END;

-- The kinds that the district asks for, by arrangement and tier, and of which a partner has none that was verified
-- and holds today: its own partner's by the kind alone, those of a co-partner that works with students as
-- kind:partner. Who pays, advises or keeps the books is not asked.
CREATE OR REPLACE FUNCTION partnership_credentials_missing(p_id uuid) RETURNS text[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$ -- planned once in a session
DECLARE
    today date := district_today();
BEGIN
    RETURN (
        SELECT coalesce(array_agg(DISTINCT m.code ORDER BY m.code), '{}')
        FROM (SELECT c.kind || CASE WHEN c.is_co_partner THEN ':' || c.partner_id ELSE '' END AS code
              FROM credentials_missing(today) c WHERE c.partnership_id = p_id) AS m);
END
$$;

-- What a partner's partnerships lack of it, but for what it has sent already.
CREATE OR REPLACE FUNCTION partner_credentials_lacking(p_partner uuid) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT split_part(k.code, ':', 1) ORDER BY split_part(k.code, ':', 1)), '{}')
    FROM partnership t
    CROSS JOIN LATERAL unnest(partnership_credentials_missing(t.id)) AS k (code)
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.status NOT IN ('ended', 'declined')
      AND t.archived_at IS NULL
      AND (t.partner_id = p_partner OR EXISTS (
            SELECT FROM partnership_partner c WHERE c.district_id = t.district_id AND c.partnership_id = t.id
                                                AND c.partner_id = p_partner AND c.archived_at IS NULL))
      AND CASE WHEN strpos(k.code, ':') = 0 THEN t.partner_id = p_partner
               ELSE split_part(k.code, ':', 2) = p_partner::text END
      AND NOT EXISTS (
        SELECT FROM credential s
        WHERE s.district_id = t.district_id AND s.partner_id = p_partner AND s.kind = split_part(k.code, ':', 1)
          AND s.status = 'submitted' AND s.archived_at IS NULL);
END;

-- Whether no partnership that goes on or is about to, of those that an agreement covers, lacks one.
CREATE OR REPLACE FUNCTION agreement_credentials_are_current(p_district uuid, p_agreement uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM required_credential q WHERE q.district_id = p_district AND q.archived_at IS NULL)
        OR NOT EXISTS (
            SELECT FROM agreement_partnership l
            JOIN partnership p ON p.district_id = l.district_id AND p.id = l.partnership_id
                AND p.archived_at IS NULL AND p.status NOT IN ('ended', 'declined')
            WHERE l.district_id = p_district AND l.agreement_id = p_agreement AND l.archived_at IS NULL
              AND partnership_credentials_missing(p.id) <> '{}');
END
$$;

-- Another one of its kind holds for longer, or is about to be verified.
CREATE OR REPLACE FUNCTION credential_is_followed(c credential) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM credential n
    WHERE n.district_id = c.district_id AND n.partner_id = c.partner_id AND n.kind = c.kind
      AND n.id <> c.id AND n.archived_at IS NULL AND n.status <> 'rejected'
      AND n.label IS NOT DISTINCT FROM c.label
      AND coalesce(n.expires_on, 'infinity') > c.expires_on);

REVOKE EXECUTE ON FUNCTION partner_credentials_lacking, credentials_missing, partnership_credentials_missing, agreement_credentials_are_current,
    credential_is_followed FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partner_credentials_lacking, credentials_missing, partnership_credentials_missing, agreement_credentials_are_current,
    credential_is_followed TO kith_api;
GRANT EXECUTE ON FUNCTION credential_is_followed TO kith_mailer;

RESET ROLE;
