-- Records of people that a schedule may be for: champions, departures, partner edits and roll calls.

SET ROLE kith_owner;

ALTER TABLE retention_rule
    DROP CONSTRAINT retention_rule_kind_check,
    ADD CONSTRAINT retention_rule_kind_check CHECK (kind IN (
        'action_item', 'activity', 'agreement', 'ask', 'audit', 'award', 'bulletin', 'call_task', 'champion',
        'check_in', 'coaching', 'complaint', 'contact', 'convening', 'credential', 'departure',
        'funding_application', 'gift', 'inquiry', 'interaction', 'introduction', 'investment', 'message', 'need',
        'offer', 'partner', 'partner_edit', 'partnership', 'partnership_review', 'placement', 'pledge', 'program',
        'records_request', 'roll_call', 'story', 'survey', 'tax_document', 'thank_you', 'training', 'user'));

RESET ROLE;
