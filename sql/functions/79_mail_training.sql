-- What mails about a training say, and when they need not go any more (95_training.sql).

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION training_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'training', t.title, 'on', mail_date(t.on_date),
            'until', CASE WHEN t.until_date > t.on_date THEN mail_date(t.until_date) END, 'location', t.location,
            'hours', trim_scale(t.hours)::text)
        FROM training_seat s
        JOIN training t ON t.district_id = s.district_id AND t.id = s.training_id
        WHERE s.district_id = m.district_id AND s.id = m.subject_id);
END
$$;


CREATE OR REPLACE FUNCTION training_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN s.archived_at IS NOT NULL OR t.archived_at IS NOT NULL THEN 'cancelled'
                    WHEN m.kind = 'training_invitation' AND s.status <> 'invited' THEN 'already_done'
                    WHEN m.kind = 'training_seat' AND s.status <> 'registered' THEN 'cancelled' END
        FROM training_seat s
        JOIN training t ON t.district_id = s.district_id AND t.id = s.training_id
        WHERE s.district_id = m.district_id AND s.id = m.subject_id);
END
$$;


-- Who tells somebody of a seat when mail cannot: whoever sees to the training. As the owner: it is asked by whoever decides
-- mails, most of which are of other things.
CREATE OR REPLACE FUNCTION training_caller(m message) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
RETURN CASE WHEN (m).kind = 'training_seat' THEN (
    SELECT t.owner_id FROM training_seat s
    JOIN training t ON t.district_id = s.district_id AND t.id = s.training_id
    WHERE s.district_id = (m).district_id AND s.id = (m).subject_id) END;

REVOKE EXECUTE ON FUNCTION training_about, training_obstacle, training_caller FROM PUBLIC;
GRANT EXECUTE ON FUNCTION training_caller TO kith_api, kith_checkin, kith_survey, kith_mailer;
GRANT EXECUTE ON FUNCTION training_about, training_obstacle TO kith_mailer;

RESET ROLE;
