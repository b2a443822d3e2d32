-- What comes of the wins that an end of the year celebrates: drafts of thanks and of stories, for somebody to write.

SET ROLE kith_owner;

-- The thanks for one item: those that there are for its milestone or gift, or one for each partnership, which
-- names all of its wins.
CREATE OR REPLACE FUNCTION convening_thanks(a agenda_item, c convening) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    found uuid;
BEGIN
    IF a.subject_kind IN ('milestone', 'gift') THEN
        PERFORM thank_you_for(a.subject_kind, CASE a.subject_kind WHEN 'gift' THEN a.subject_id END, NULL,
                              CASE a.subject_kind WHEN 'milestone' THEN a.subject_id END, NULL, NULL);
    END IF;
    SELECT t.id INTO found FROM thank_you t
    WHERE t.archived_at IS NULL AND CASE a.subject_kind
        WHEN 'milestone' THEN t.milestone_id = a.subject_id
        WHEN 'gift' THEN t.gift_id = a.subject_id
        ELSE t.id IN (SELECT o.thank_you_id FROM agenda_item o
                      WHERE o.convening_id = c.id AND o.partnership_id = a.partnership_id
                        AND o.subject_kind IS DISTINCT FROM 'milestone' AND o.subject_kind IS DISTINCT FROM 'gift') END
    ORDER BY t.created_at DESC, t.id DESC LIMIT 1;
    IF found IS NULL AND a.partnership_id IS NOT NULL THEN
        INSERT INTO thank_you AS t (district_id, id, occasion, partnership_id, school_year, about)
        SELECT c.district_id, uuid7(), 'win', a.partnership_id, c.school_year,
               left(string_agg(o.title, '; ' ORDER BY o."position", o.id), 10000)
        FROM agenda_item o
        WHERE o.convening_id = c.id AND o.partnership_id = a.partnership_id AND o.archived_at IS NULL
          AND o.kind IN ('win', 'goal_met', 'need_met')
        RETURNING t.id INTO found;
    END IF;
    RETURN found;
END
$$;

-- A draft of a story: what the agenda says, and what was said to it.
CREATE OR REPLACE FUNCTION convening_story(a agenda_item, c convening, p_site uuid) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    made uuid := uuid7();
BEGIN
    INSERT INTO story (district_id, id, title, text, site_id, owner_id)
    VALUES (c.district_id, made, left(a.title, 200), CASE WHEN a.note ~ '\S' THEN a.note ELSE a.title END, p_site,
            c.host_id);
    INSERT INTO story_subject (district_id, id, story_id, partnership_id, site_id)
    SELECT c.district_id, uuid7(), made, a.partnership_id, CASE WHEN a.partnership_id IS NULL THEN p_site END
    WHERE coalesce(a.partnership_id, p_site) IS NOT NULL;
    RETURN made;
END
$$;

-- Each win of an end of the year, once; a gift is thanked for.
CREATE OR REPLACE FUNCTION convening_celebrate(c convening) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a agenda_item;
    site uuid;
BEGIN
    FOR a IN
        SELECT t.* FROM agenda_item t
        WHERE t.convening_id = c.id AND t.archived_at IS NULL AND c.kind = 'end'
          AND t.kind IN ('win', 'goal_met', 'milestone', 'need_met', 'gift')
        ORDER BY t."position", t.id
    LOOP
        site := coalesce(c.site_id, (SELECT p.lead_site_id FROM partnership p WHERE p.id = a.partnership_id));
        CONTINUE WHEN kith_covers(site) IS NOT TRUE;
        UPDATE agenda_item t
        SET thank_you_id = coalesce(t.thank_you_id, convening_thanks(a, c)),
            story_id = CASE WHEN t.story_id IS NULL AND t.kind <> 'gift' THEN convening_story(a, c, site)
                            ELSE t.story_id END
        WHERE t.id = a.id;
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION convening_thanks, convening_story, convening_celebrate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION convening_thanks, convening_story, convening_celebrate TO kith_api;

RESET ROLE;
