-- What waits for a person, once a day in one mail: whether it was sent, and what it was about.

SET ROLE kith_owner;

CREATE TABLE digest (
    district_id uuid NOT NULL,
    user_id uuid NOT NULL,
    on_date date NOT NULL,
    tasks bigint NOT NULL,
    overdue bigint NOT NULL,
    tasks_hash text NOT NULL, -- of their kinds and ids: whether they are others than before
    message_id uuid, -- NULL: there was nothing to tell
    CONSTRAINT digest_pkey PRIMARY KEY (district_id, user_id, on_date),
    CONSTRAINT digest_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT digest_user_id_fkey FOREIGN KEY (district_id, user_id) REFERENCES app_user (district_id, id),
    CONSTRAINT digest_message_id_fkey FOREIGN KEY (district_id, message_id) REFERENCES message (district_id, id),
    CONSTRAINT digest_tasks_hash_check CHECK (tasks_hash ~ '^[0-9a-f]{32}$')
);
CREATE INDEX digest_message ON digest (district_id, user_id, on_date) WHERE message_id IS NOT NULL;

RESET ROLE;
