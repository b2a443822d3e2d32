-- How a district's mails and pages look: its color, and its logo, which is a file of its own.

SET ROLE kith_owner;

ALTER TABLE district
    ADD COLUMN accent_color text,
    ADD COLUMN logo_id uuid,
    ADD COLUMN logo_alt text,
    ADD CONSTRAINT district_accent_color_check CHECK (accent_color ~ '^#[0-9a-f]{6}$'),
    ADD CONSTRAINT district_logo_alt_check CHECK (char_length(logo_alt) BETWEEN 1 AND 255),
    ADD CONSTRAINT district_logo_id_fkey FOREIGN KEY (id, logo_id) REFERENCES attachment (district_id, id);

RESET ROLE;
