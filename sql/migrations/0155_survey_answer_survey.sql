-- What is written a hundred thousand times says its survey once: an answer is made with its invitation, by the same
-- statement, and is of that one's survey, whose key holds it.
SET ROLE kith_owner;

ALTER TABLE survey_answer DROP CONSTRAINT survey_answer_survey_id_fkey;

RESET ROLE;
