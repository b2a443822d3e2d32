-- Convenings: what a plan comes to, who met whom, and what time does.

-- No row: there is no such plan.
-- $1 plan, $2 now
-- name: convening_plan_preview :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT convening_plan_preview(l.id, 2000)::text AS body FROM convening_plan l
      WHERE l.id = $1::uuid AND $2::text <> '' OFFSET 0) AS d;

-- No row: there is no such convening.
-- $1 convening, $2 now
-- name: convening_meetings :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT convening_meetings(c.id, 2000)::text AS body FROM convening c
      WHERE c.id = $1::uuid AND $2::text <> '' OFFSET 0) AS d;
