-- What a survey has told, which stays when few more answers come.

SET ROLE kith_owner;

ALTER TABLE survey ADD COLUMN published jsonb; -- 86_survey_results.sql

RESET ROLE;
