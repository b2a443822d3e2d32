-- Whom a school works with at a partner, as it says with its roll call, and what follows of that.

SET ROLE kith_owner;

ALTER TABLE roll_call_mark
    ADD COLUMN people jsonb NOT NULL DEFAULT '[]', -- {name, email, phone, role} each
    ADD CONSTRAINT roll_call_mark_people_check CHECK (jsonb_array_length(people) <= 10);

ALTER TABLE roll_call_change
    ADD COLUMN person jsonb, -- of kind affiliation: one of a mark's people
    ADD COLUMN contact_id uuid, -- who it is, as far as that is known
    ADD CONSTRAINT roll_call_change_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    DROP CONSTRAINT roll_call_change_kind_check,
    ADD CONSTRAINT roll_call_change_kind_check
        CHECK (kind IN ('lead_site', 'program_site', 'partnership_site', 'co_partner', 'partnership', 'affiliation')),
    ADD CONSTRAINT roll_call_change_person_check CHECK ((kind = 'affiliation') = (person IS NOT NULL));
DROP INDEX roll_call_change_kind_key;
CREATE UNIQUE INDEX roll_call_change_kind_key ON roll_call_change (district_id, roll_call_id, partner_id, kind,
    coalesce(partnership_id, program_id, partner_id), coalesce(person ->> 'email', person ->> 'name', ''))
    WHERE status <> 'dismissed';
CREATE INDEX roll_call_change_contact_id ON roll_call_change (district_id, contact_id, created_at, id);

RESET ROLE;
