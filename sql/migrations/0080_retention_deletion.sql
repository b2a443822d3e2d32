-- Schedules by which records are deleted, more kinds of them, and what each round has deleted.

SET ROLE kith_owner;

ALTER TABLE retention_rule
    ADD COLUMN disposal text NOT NULL DEFAULT 'archive', -- what becomes of the records
    ADD COLUMN deleted_rows bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT retention_rule_disposal_check CHECK (disposal IN ('archive', 'delete')),
    DROP CONSTRAINT retention_rule_kind_check,
    ADD CONSTRAINT retention_rule_kind_check CHECK (kind IN ('action_item', 'activity', 'agreement', 'award', 'bulletin',
        'call_task', 'check_in', 'coaching', 'contact', 'convening', 'credential', 'funding_application', 'gift', 'inquiry',
        'interaction', 'introduction', 'investment', 'message', 'need', 'partnership', 'placement', 'records_request',
        'story', 'survey', 'tax_document', 'thank_you', 'training', 'user'));

DROP INDEX retention_rule_source_key;
CREATE UNIQUE INDEX retention_rule_source_key ON retention_rule (district_id, source, kind, disposal)
    WHERE archived_at IS NULL;

ALTER TABLE retention_run
    ADD COLUMN deleted_rows bigint NOT NULL DEFAULT 0,
    ADD COLUMN referred_rows bigint NOT NULL DEFAULT 0; -- past the schedule, and something else still needs them

RESET ROLE;
