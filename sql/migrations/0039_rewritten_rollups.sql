-- A figure that changes is written in place: without an index of what changes, and with room on its page, its
-- other nine indexes stay as they are (README.storage, "heap-only tuples").

SET ROLE kith_owner;

DROP INDEX rollup_updated_at;
ALTER TABLE rollup SET (fillfactor = 70);

RESET ROLE;
