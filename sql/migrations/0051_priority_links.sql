-- Goals and visions serve priorities; milestones are missed when their day is over.

SET ROLE kith_owner;

ALTER TABLE goal
    ADD COLUMN priority_id uuid,
    ADD CONSTRAINT goal_priority_id_fkey FOREIGN KEY (district_id, priority_id)
        REFERENCES priority (district_id, id);
CREATE INDEX goal_priority_id ON goal (district_id, priority_id, due_on, id);

ALTER TABLE site_vision
    ADD COLUMN priority_id uuid,
    ADD CONSTRAINT site_vision_priority_id_fkey FOREIGN KEY (district_id, priority_id)
        REFERENCES priority (district_id, id);
CREATE INDEX site_vision_priority_id ON site_vision (district_id, priority_id, school_year, id);

ALTER TABLE milestone
    DROP CONSTRAINT milestone_status_check,
    ADD CONSTRAINT milestone_status_check CHECK (status IN ('open', 'reached', 'missed', 'dropped'));

RESET ROLE;
