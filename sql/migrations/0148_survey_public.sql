-- A public link is for flyers and web pages: it is no secret of anybody, so it is kept as it is, and can be read again.

SET ROLE kith_owner;

ALTER TABLE survey
    DROP COLUMN asks_site,
    DROP COLUMN public_edition,
    DROP COLUMN public_token_hash,
    ADD COLUMN has_public_link boolean NOT NULL DEFAULT false,
    ADD COLUMN public_code text,
    ADD CONSTRAINT survey_public_code_check CHECK (public_code IS NULL OR public_code ~ '^[0-9a-f]{26}$' AND has_public_link);
CREATE UNIQUE INDEX survey_public_code_key ON survey (district_id, public_code) WHERE public_code IS NOT NULL;

RESET ROLE;
