-- Answers that come together are kept together: kith-api hands over the forms that have come while it waited for others
-- (services/api/pages/together.h). What is usual of a form by a link is done here, by one statement for all; of the rest
-- nothing is: it is put by itself then, by task_put(), which says what there is to say. So nothing that is wrong with one
-- form concerns another.

SET ROLE kith_owner;

-- Of the links those that open an invitation of a survey which takes answers, as link_enter() and survey_answer_refuse() have
-- it, and of which nobody else is writing; of several of one invitation the first. Locked.
CREATE OR REPLACE FUNCTION survey_links_take(p_district uuid, p_hashes text[], p_now timestamptz, OUT places bigint[], OUT invitations uuid[])
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    SELECT array_agg(f.place), array_agg(f.id) INTO places, invitations
    FROM (SELECT min(o.place) AS place, o.id
          FROM (SELECT h.place, i.id
                FROM unnest(p_hashes) WITH ORDINALITY AS h (token_hash, place)
                JOIN link k ON k.district_id = p_district AND k.token_hash = h.token_hash AND k.purpose = 'survey'
                    AND k.revoked_at IS NULL AND k.expires_at > p_now
                JOIN district d ON d.id = p_district AND d.archived_at IS NULL
                JOIN contact c ON c.district_id = p_district AND c.id = k.contact_id AND c.status = 'active' AND c.archived_at IS NULL
                JOIN survey_invitation i ON i.district_id = p_district AND i.id = k.subject_id
                    AND i.status IN ('invited', 'partial', 'answered', 'bounced')
                JOIN survey s ON s.district_id = p_district AND s.id = i.survey_id AND s.status = 'open' AND s.mode <> 'anonymous'
                    AND s.closes_on >= district_today()
                FOR UPDATE OF i SKIP LOCKED) AS o
          GROUP BY o.id) AS f;
END
$$;

-- p_forms: [{"link", "request", "verb", "form"}]. Of those that are done: place, counted from 1; what is wrong; and the
-- address that follows.
CREATE OR REPLACE FUNCTION survey_forms_put(p_district uuid, p_forms jsonb, p_now text)
RETURNS TABLE (place bigint, errors jsonb, next text)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$ -- to plan it takes longer than to do it
DECLARE
    ignored text := kith_context(p_district, '', 'partner', p_now, '');
    taken record;
    kept record;
BEGIN
    ignored := set_config('kith.scope', '*', true);
    taken := survey_links_take(
        p_district, ARRAY(SELECT f ->> 'link' FROM jsonb_array_elements(p_forms) WITH ORDINALITY AS e (f, n) ORDER BY n), p_now::timestamptz);
    SELECT array_agg(j.place) AS places, array_agg(j.wrong) AS wrong, array_agg(j.way) AS ways,
           array_agg(j.answer_id) FILTER (WHERE j.is_new) AS ids, array_agg(j.invitation_id) FILTER (WHERE j.is_new) AS invitations,
           array_agg(j.kept) FILTER (WHERE j.is_new) AS answers, array_agg(j.is_sent) FILTER (WHERE j.is_new) AS submits,
           jsonb_object_agg(j.answer_id, j.form -> 'request') || jsonb_object_agg(j.invitation_id, j.form -> 'request') AS requests
    INTO kept
    FROM (SELECT o.place, o.form, o.invitation_id, a.answer_id, g.is_new, g.is_sent, g.kept, g.errors AS wrong,
                 survey_form_next(o.form ->> 'verb', o.form -> 'form', n, CASE WHEN g.is_new THEN g.kept ELSE a.answers END) AS way
          FROM (SELECT u.place, p_forms -> (u.place - 1)::integer AS form, u.invitation_id
                FROM unnest(taken.places, taken.invitations) AS u (place, invitation_id)) AS o
          JOIN survey_invitation i ON i.district_id = p_district AND i.id = o.invitation_id
          JOIN survey s ON s.district_id = p_district AND s.id = i.survey_id
          JOIN instrument n ON n.district_id = p_district AND n.id = s.instrument_id
          CROSS JOIN LATERAL survey_asked(o.invitation_id) AS a
          CROSS JOIN LATERAL survey_form_judged(n, a.status, a.answers, o.form -> 'form', o.form ->> 'verb' = 'survey_send') AS g
          WHERE a.place = (o.form #>> '{form,place}')::bigint AND (a.status <> 'submitted' OR o.form -> 'form' ? 'corrects')
          OFFSET 0) AS j;
    IF kept.ids IS NOT NULL THEN
        ignored := set_config('kith.requests', kept.requests::text, true);
        PERFORM survey_answers_keep(kept.ids, kept.invitations, kept.answers, kept.submits);
    END IF;
    RETURN QUERY SELECT * FROM unnest(kept.places, kept.wrong, kept.ways);
END
$$;

REVOKE EXECUTE ON FUNCTION survey_links_take, survey_forms_put FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_links_take, survey_forms_put TO kith_api;

RESET ROLE;
