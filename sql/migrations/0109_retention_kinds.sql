-- More kinds of records that a schedule may be for, the audit log among them.

SET ROLE kith_owner;

ALTER TABLE retention_rule
    DROP CONSTRAINT retention_rule_kind_check,
    ADD CONSTRAINT retention_rule_kind_check CHECK (kind IN ('action_item', 'activity', 'agreement', 'ask', 'audit', 'award',
        'bulletin', 'call_task', 'check_in', 'coaching', 'complaint', 'contact', 'convening', 'credential',
        'funding_application', 'gift', 'inquiry', 'interaction', 'introduction', 'investment', 'message', 'need', 'offer',
        'partner', 'partnership', 'partnership_review', 'placement', 'pledge', 'program', 'records_request', 'story',
        'survey', 'tax_document', 'thank_you', 'training', 'user'));

RESET ROLE;
