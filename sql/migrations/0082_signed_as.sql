-- As what somebody has signed for the district, where its limits ask for it.

SET ROLE kith_owner;

ALTER TABLE agreement_signature
    ADD COLUMN signed_as text,
    ADD CONSTRAINT agreement_signature_signed_as_check
        CHECK (signed_as IN ('principal', 'department_head', 'director', 'superintendent', 'board'));

RESET ROLE;
