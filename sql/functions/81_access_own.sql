-- What somebody of a partner sees of what is its own: views that the API's resources read.

SET ROLE kith_owner;

CREATE OR REPLACE VIEW own_partner WITH (security_invoker = true) AS
    SELECT p.district_id, p.id, p.version, p.created_at, p.updated_at, p.archived_at, p.name, p.kind,
           p.website, p.phone, p.email, p.street, p.city, p.state, p.postal_code, p.description, p.strengths,
           p.in_directory, p.ein, p.innovation, p.reach, p.funding_types,
           (SELECT coalesce(jsonb_agg(a.focus_area_id ORDER BY a.focus_area_id), '[]') FROM partner_focus_area a
            WHERE a.district_id = p.district_id AND a.partner_id = p.id AND a.archived_at IS NULL) AS focus_area_ids
    FROM partner p
    WHERE p.id = ANY (ARRAY(SELECT own_partner_ids()));

CREATE OR REPLACE VIEW own_partnership WITH (security_invoker = true) AS
    SELECT p.district_id, p.id, p.version, p.created_at, p.updated_at, p.archived_at, p.partner_id, p.name,
           p.arrangement, p.status, p.starts_on, p.ends_on, p.purpose, p.vision, p.expectations, p.processes,
           p.desired_outcomes, s.name AS lead_site, p.vision_district_at, p.vision_partner_at,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'goal_id', g.id, 'statement', g.statement, 'target', trim_scale(g.target)::text, 'unit', g.unit,
                'due_on', g.due_on, 'progress', g.progress, 'partner_at', rfc3339(
                    CASE WHEN g.partnership_id = p.id THEN g.partner_at
                         ELSE (SELECT l.partner_at FROM goal_partnership l
                               WHERE l.district_id = p.district_id AND l.goal_id = g.id AND l.partnership_id = p.id
                                 AND l.archived_at IS NULL) END)) ORDER BY g.due_on, g.id), '[]')
            FROM partnership_goals(p.id) g WHERE g.progress <> 'dropped') AS goals,
           partnership_seal(p) AS seal, p.xmin -- whether this unit wrote it
    FROM partnership p
    LEFT JOIN site s ON s.district_id = p.district_id AND s.id = p.lead_site_id
    WHERE p.partner_id = ANY (ARRAY(SELECT own_partner_ids()));

CREATE OR REPLACE VIEW own_check_in WITH (security_invoker = true) AS
    SELECT c.district_id, c.id, c.version, c.created_at, c.updated_at, c.archived_at, c.partnership_id,
           p.name AS partnership, c.school_year, c.number, c.due_on, c.opens_on, c.status,
           coalesce(h.status, 'none') AS half
    FROM check_in c
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
    LEFT JOIN check_in_half h ON h.district_id = c.district_id AND h.check_in_id = c.id AND h.side = 'partner'
    WHERE p.partner_id = ANY (ARRAY(SELECT own_partner_ids()));

CREATE OR REPLACE VIEW own_pledge WITH (security_invoker = true) AS
    SELECT g.district_id, g.id, g.version, g.created_at, g.updated_at, g.archived_at, g.partner_id,
           n.title AS need, n.unit, g.quantity, g.delivered, g.starts_on, g.ends_on, g.note, g.status,
           g.partnership_id, g.need_id, g.ask_id,
           (SELECT coalesce(jsonb_agg(l.site_id ORDER BY l.created_at, l.id), '[]') FROM pledge_site l
            WHERE l.district_id = g.district_id AND l.pledge_id = g.id AND l.archived_at IS NULL) AS site_ids,
           g.xmin -- whether this unit wrote it
    FROM pledge g
    JOIN need n ON n.district_id = g.district_id AND n.id = g.need_id
    WHERE g.partner_id = ANY (ARRAY(SELECT own_partner_ids()));

CREATE OR REPLACE VIEW own_survey_invitation WITH (security_invoker = true) AS
    SELECT i.district_id, i.id, i.version, i.created_at, i.updated_at, i.archived_at, s.name AS survey,
           s.mode, s.closes_on, i.status, n.questions,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'partnership_id', w.partnership_id, 'partnership', p.name, 'status', w.status,
                'answers', CASE WHEN w.status <> 'submitted' THEN w.answers END) ORDER BY p.name, p.id), '[]')
            FROM survey_answer w
            LEFT JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id
            WHERE w.district_id = i.district_id AND w.survey_invitation_id = i.id) AS relationships,
           i.xmin, -- whether this unit wrote it
           n.sections
    FROM survey_invitation i
    JOIN survey s ON s.district_id = i.district_id AND s.id = i.survey_id
    JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
    WHERE i.contact_id = (SELECT u.contact_id FROM app_user u
                          WHERE u.district_id = current_setting('kith.district')::uuid
                            AND u.id = current_setting('kith.user')::uuid);

GRANT SELECT ON own_partner, own_partnership, own_check_in, own_pledge, own_survey_invitation TO kith_api;

RESET ROLE;
