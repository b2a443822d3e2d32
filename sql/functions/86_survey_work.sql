-- When what a survey found is counted: kith-kpi follows the marks of answers, and a close waits for nobody.

SET ROLE kith_owner;

-- An answer that was submitted, changed or taken back. The mark is a row of its own, so that no answer waits for another.
CREATE OR REPLACE FUNCTION mark_survey_answer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer record := coalesce(NEW, OLD);
BEGIN
    INSERT INTO survey_mark (district_id, survey_id, survey_answer_id) VALUES (answer.district_id, answer.survey_id, answer.id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_survey_insert AFTER INSERT ON survey_answer
    FOR EACH ROW WHEN (NEW.status = 'submitted') EXECUTE FUNCTION mark_survey_answer();
CREATE OR REPLACE TRIGGER mark_survey_update AFTER UPDATE ON survey_answer
    FOR EACH ROW WHEN ((OLD.status = 'submitted' OR NEW.status = 'submitted')
        AND (OLD.status, OLD.answers, OLD.side, OLD.audience, OLD.partnership_id, OLD.site_id, OLD.archived_at)
            IS DISTINCT FROM
            (NEW.status, NEW.answers, NEW.side, NEW.audience, NEW.partnership_id, NEW.site_id, NEW.archived_at))
    EXECUTE FUNCTION mark_survey_answer();
CREATE OR REPLACE TRIGGER mark_survey_delete AFTER DELETE ON survey_answer
    FOR EACH ROW WHEN (OLD.status = 'submitted') EXECUTE FUNCTION mark_survey_answer();

-- An anonymous one is counted by survey_tally_all(); later its partner may be merged.
CREATE OR REPLACE TRIGGER mark_survey_update AFTER UPDATE ON survey_anonymous_answer
    FOR EACH ROW WHEN ((OLD.partner_id, OLD.site_id) IS DISTINCT FROM (NEW.partner_id, NEW.site_id))
    EXECUTE FUNCTION mark_survey_answer();

-- What a relationship is about has changed: its partner was merged, or its lead site is another one.
CREATE OR REPLACE FUNCTION mark_survey_partnership() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('kith.district', true), '');
BEGIN
    PERFORM set_config('kith.district', NEW.district_id::text, true);
    INSERT INTO survey_mark (district_id, survey_id, survey_answer_id)
    SELECT w.district_id, w.survey_id, w.id FROM survey_answer w
    WHERE w.district_id = NEW.district_id AND w.partnership_id = NEW.id AND w.status = 'submitted';
    PERFORM set_config('kith.district', before, true);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_survey AFTER UPDATE OF partner_id, lead_site_id, arrangement ON partnership
    FOR EACH ROW WHEN ((OLD.partner_id, OLD.lead_site_id, OLD.arrangement)
        IS DISTINCT FROM (NEW.partner_id, NEW.lead_site_id, NEW.arrangement))
    EXECUTE FUNCTION mark_survey_partnership();

-- Takes marks of a survey: the answers that they are of, or NULL. Under the survey's lock.
CREATE OR REPLACE FUNCTION survey_marks_take(p_survey uuid, p_limit integer) RETURNS uuid[]
LANGUAGE sql AS $$
    WITH mine AS (
        DELETE FROM survey_mark m
        WHERE m.district_id = current_setting('kith.district')::uuid AND m.id IN (
            SELECT k.id FROM survey_mark k
            WHERE k.district_id = current_setting('kith.district')::uuid AND k.survey_id = p_survey
            ORDER BY k.id LIMIT p_limit)
        RETURNING m.survey_answer_id)
    SELECT array_agg(DISTINCT survey_answer_id) FROM mine
$$;

-- Does the work of the surveys of any district, up to p_limit of each until these are so many, in one transaction: how many
-- answers that were; 0 when there is none, or all are at work elsewhere.
CREATE OR REPLACE FUNCTION survey_work(p_limit integer, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    marked record;
    answers uuid[];
    asked survey;
    done integer := 0;
BEGIN
    FOR marked IN
        SELECT m.district_id, m.survey_id
        FROM (SELECT * FROM survey_mark ORDER BY id LIMIT 1000) AS m
        GROUP BY m.district_id, m.survey_id ORDER BY min(m.id)
    LOOP
        PERFORM rollup_context(marked.district_id, p_now);
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(survey_lock(marked.survey_id));
        answers := survey_marks_take(marked.survey_id, p_limit);
        CONTINUE WHEN answers IS NULL;
        SELECT * INTO asked FROM survey s WHERE s.id = marked.survey_id;
        PERFORM survey_fold(asked, answers);
        done := done + cardinality(answers);
        EXIT WHEN done >= p_limit;
    END LOOP;
    RETURN done;
END
$$;

-- All that has come until the close of a survey: afterwards, what it found is complete.
CREATE OR REPLACE FUNCTION survey_settle(p_survey uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    most constant integer := 2000; -- answers at once
    asked survey;
    answers uuid[];
BEGIN
    PERFORM pg_advisory_xact_lock(survey_lock(p_survey));
    SELECT * INTO asked FROM survey s WHERE s.id = p_survey;
    LOOP
        answers := survey_marks_take(p_survey, most);
        EXIT WHEN answers IS NULL;
        PERFORM survey_fold(asked, answers);
    END LOOP;
    PERFORM survey_fold(asked, '{}');
END
$$;

-- Counts a survey anew, of its answers as they are; of one that is not attributed, of what was told of them. After an
-- anonymous one's close, when its answers have come.
CREATE OR REPLACE FUNCTION survey_tally_all(p_survey uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    most constant integer := 2000;
    district uuid := current_setting('kith.district')::uuid;
    asked survey;
    answers uuid[]; -- what is about the same together, so that a sum is seldom added to
    piece uuid[];
BEGIN
    PERFORM pg_advisory_xact_lock(survey_lock(p_survey));
    SELECT * INTO asked FROM survey s WHERE s.id = p_survey;
    DELETE FROM survey_mark m WHERE m.district_id = district AND m.survey_id = p_survey;
    IF asked.mode = 'attributed' THEN
        DELETE FROM survey_counted c WHERE c.district_id = district AND c.survey_id = p_survey;
        DELETE FROM survey_tally t WHERE t.district_id = district AND t.survey_id = p_survey;
    END IF;
    answers := ARRAY(
        SELECT a.id FROM (
            SELECT w.id, w.partner_id, w.partnership_id, w.side FROM survey_submitted(p_survey) w
            UNION ALL
            SELECT c.survey_answer_id, NULL, NULL, NULL FROM survey_counted c
            WHERE c.survey_id = p_survey AND NOT EXISTS (SELECT FROM survey_submitted(p_survey) w WHERE w.id = c.survey_answer_id)) AS a
        ORDER BY a.partner_id, a.partnership_id, a.side, a.id);
    FOR place IN 1 .. cardinality(answers) BY most LOOP
        piece := answers[place : place + most - 1];
        IF asked.mode = 'attributed' THEN
            PERFORM survey_fold_each(p_survey, piece);
        ELSE
            PERFORM survey_fold_blocks(p_survey, piece, survey_least(asked));
        END IF;
    END LOOP;
    IF asked.mode = 'attributed' THEN
        RETURN;
    END IF;
    PERFORM survey_fold(asked, '{}');
    DELETE FROM survey_tally t WHERE t.district_id = district AND t.survey_id = p_survey;
    PERFORM survey_tally_list(p_survey, (
        SELECT coalesce(jsonb_agg(DISTINCT c.cell), '[]') FROM survey_counted c WHERE c.survey_id = p_survey));
    answers := ARRAY(
        SELECT c.survey_answer_id FROM survey_counted c
        WHERE c.survey_id = p_survey AND c.answers IS NOT NULL ORDER BY c.cell, c.survey_answer_id);
    FOR place IN 1 .. cardinality(answers) BY most LOOP
        piece := answers[place : place + most - 1];
        PERFORM survey_tally_add(p_survey, NULL, ARRAY(
            SELECT ROW(c.district_id, c.survey_answer_id, c.survey_id, b.cell, NULL, c.answers, false, NULL, NULL, false)::survey_counted
            FROM survey_counted c JOIN survey_block b ON b.district_id = c.district_id AND b.id = c.survey_block_id
            WHERE c.survey_answer_id = ANY (piece)));
    END LOOP;
END
$$;

-- The list that workers claim from and write to: no context is needed for a mark.
DROP POLICY IF EXISTS mark ON survey_mark;
CREATE POLICY mark ON survey_mark TO kith_owner USING (true) WITH CHECK (true);

REVOKE EXECUTE ON FUNCTION mark_survey_answer, mark_survey_partnership, survey_marks_take, survey_work, survey_settle,
    survey_tally_all FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_work TO kith_kpi, kith_migrate;
GRANT EXECUTE ON FUNCTION survey_settle TO kith_api, kith_survey;
GRANT EXECUTE ON FUNCTION survey_tally_all TO kith_survey, kith_migrate;

RESET ROLE;
