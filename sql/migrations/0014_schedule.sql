-- When the programs that act by the clock look at a district again: one row a district and task. The
-- set functions of a task find out themselves what is due; this only says where to look.

SET ROLE kith_owner;

CREATE TABLE schedule (
    district_id uuid NOT NULL,
    task text NOT NULL,
    next_at timestamptz NOT NULL, -- business time; infinity: of a district that is archived
    last_run_at timestamptz,      -- real time, for monitoring
    CONSTRAINT schedule_pkey PRIMARY KEY (district_id, task),
    CONSTRAINT schedule_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT schedule_task_check CHECK (task IN ('check_ins', 'surveys', 'kpis'))
);
CREATE INDEX schedule_next_at ON schedule (task, next_at);

GRANT SELECT, UPDATE ON schedule TO kith_kpi, kith_checkin, kith_survey;

RESET ROLE;

-- The districts that are there already; as kith_migrate, who sees them all.
INSERT INTO schedule (district_id, task, next_at)
SELECT d.id, t.task, CASE WHEN d.archived_at IS NULL THEN timestamptz '-infinity' ELSE 'infinity' END
FROM district d CROSS JOIN (VALUES ('check_ins'), ('surveys'), ('kpis')) AS t (task);
