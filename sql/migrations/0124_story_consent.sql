-- Stories are about people and gifts, too; whom one names is asked by mail and answers by its link.

SET ROLE kith_owner;

ALTER TABLE story_subject
    ADD COLUMN gift_id uuid,
    ADD COLUMN contact_id uuid,
    ADD COLUMN asked_at timestamptz, -- by mail
    ADD COLUMN answered_at timestamptz, -- consent_on says what
    ADD COLUMN answered_by uuid, -- the contact, where it was its own act
    ADD COLUMN answer_note text,
    ADD COLUMN consent_seal text, -- of what was read; NULL: somebody was told so
    ADD CONSTRAINT story_subject_gift_id_fkey FOREIGN KEY (district_id, gift_id) REFERENCES gift (district_id, id),
    ADD CONSTRAINT story_subject_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    ADD CONSTRAINT story_subject_answered_by_fkey FOREIGN KEY (district_id, answered_by)
        REFERENCES contact (district_id, id),
    ADD CONSTRAINT story_subject_answer_note_check CHECK (char_length(answer_note) <= 2000),
    DROP CONSTRAINT story_subject_partnership_id_check,
    ADD CONSTRAINT story_subject_partnership_id_check
        CHECK (num_nonnulls(partnership_id, site_id, gift_id, contact_id) = 1);

DROP INDEX story_subject_partnership_id_key;
CREATE UNIQUE INDEX story_subject_partnership_id_key
    ON story_subject (district_id, story_id, coalesce(partnership_id, site_id, gift_id, contact_id))
    WHERE archived_at IS NULL;
CREATE INDEX story_subject_gift_id ON story_subject (district_id, gift_id, created_at, id);
CREATE INDEX story_subject_contact_id ON story_subject (district_id, contact_id, created_at, id);

GRANT SELECT ON story, story_subject TO kith_mailer;

RESET ROLE;
