-- Who fills in a check-in in the place of a contact who is asked to, and has passed it on to a colleague.

SET ROLE kith_owner;

CREATE TABLE check_in_delegate (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    check_in_id uuid NOT NULL,
    from_contact_id uuid NOT NULL, -- who would be reminded
    to_contact_id uuid NOT NULL, -- who is
    delegated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT check_in_delegate_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT check_in_delegate_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT check_in_delegate_check_in_id_fkey FOREIGN KEY (district_id, check_in_id)
        REFERENCES check_in (district_id, id),
    CONSTRAINT check_in_delegate_from_contact_id_fkey FOREIGN KEY (district_id, from_contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT check_in_delegate_to_contact_id_fkey FOREIGN KEY (district_id, to_contact_id)
        REFERENCES contact (district_id, id)
);
CREATE INDEX check_in_delegate_check_in_id ON check_in_delegate (district_id, check_in_id, created_at, id);
CREATE INDEX check_in_delegate_from_contact_id ON check_in_delegate (district_id, from_contact_id, created_at, id);
CREATE INDEX check_in_delegate_to_contact_id ON check_in_delegate (district_id, to_contact_id, created_at, id);
CREATE INDEX check_in_delegate_created_at ON check_in_delegate (district_id, created_at, id);
CREATE INDEX check_in_delegate_updated_at ON check_in_delegate (district_id, updated_at, id);

ALTER TABLE message DROP CONSTRAINT message_reason_check;
ALTER TABLE message ADD CONSTRAINT message_reason_check CHECK (status <> 'suppressed' OR reason IS NOT NULL
    AND reason IN ('opted_out', 'bounced', 'no_email', 'already_done', 'left_org', 'stale', 'blackout', 'rate_limited',
                   'moved', 'cancelled', 'no_consent', 'snoozed', 'passed_on'));

GRANT SELECT, INSERT, UPDATE ON check_in_delegate TO kith_api;
GRANT SELECT ON check_in_delegate TO kith_checkin, kith_mailer;

RESET ROLE;
