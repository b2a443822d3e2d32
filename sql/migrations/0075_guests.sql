-- Who is introduced, or holds a post, and is nobody's user or partner yet.

SET ROLE kith_owner;

ALTER TABLE introduction
    ALTER COLUMN partner_id DROP NOT NULL,
    ADD COLUMN organization text, -- that is no partner, or not yet
    ADD CONSTRAINT introduction_organization_check CHECK (char_length(organization) BETWEEN 1 AND 200),
    ADD CONSTRAINT introduction_partner_id_check CHECK (num_nonnulls(partner_id, contact_id, organization) > 0);

ALTER TABLE post_holder
    ALTER COLUMN user_id DROP NOT NULL,
    ADD COLUMN name text, -- of who is no user
    ADD COLUMN email text,
    ADD CONSTRAINT post_holder_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    ADD CONSTRAINT post_holder_email_check CHECK (char_length(email) <= 254 AND (email IS NULL OR name IS NOT NULL)),
    ADD CONSTRAINT post_holder_user_id_check CHECK (num_nonnulls(user_id, name) = 1);

RESET ROLE;
