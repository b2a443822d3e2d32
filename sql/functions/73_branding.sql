-- A district's color and logo: what may be one, and what is shown of it.

SET ROLE kith_owner;

-- WCAG 2.2: relative luminance of "#rrggbb", and the contrast of two.
CREATE OR REPLACE FUNCTION color_luminance(p_color text) RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN (SELECT sum(w.weight * CASE WHEN c.part <= 0.04045 THEN c.part / 12.92 ELSE ((c.part + 0.055) / 1.055) ^ 2.4 END)
        FROM (VALUES (0, 0.2126::double precision), (1, 0.7152), (2, 0.0722)) AS w (place, weight)
        CROSS JOIN LATERAL (
            SELECT get_byte(decode(substr(p_color, 2), 'hex'), w.place) / 255.0::double precision AS part) AS c);

CREATE OR REPLACE FUNCTION color_contrast(p_one text, p_other text) RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN (SELECT (greatest(l.one, l.other) + 0.05) / (least(l.one, l.other) + 0.05)
        FROM (SELECT color_luminance(p_one) AS one, color_luminance(p_other) AS other) AS l);

-- Text of that color, and white text on it, is read by everybody: on white, and on the gray around a mail's card.
CREATE OR REPLACE FUNCTION district_brand_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    grounds constant text[] := '{#ffffff,#f1f3f0}';
    least_contrast constant double precision := 4.5;
    most_bytes constant bigint := 200 * 1024;
    file attachment;
BEGIN
    NEW.accent_color := lower(NEW.accent_color);
    IF NEW.accent_color ~ '^#[0-9a-f]{6}$' AND EXISTS (
        SELECT FROM unnest(grounds) g WHERE color_contrast(NEW.accent_color, g) < least_contrast) THEN
        PERFORM refuse_field('accent_color', '"accent_color" is too light: its contrast to white and light gray is below 4.5:1.');
    END IF;
    IF NEW.logo_id IS NOT NULL THEN
        SELECT a.* INTO file FROM attachment a WHERE a.district_id = NEW.id AND a.id = NEW.logo_id;
        IF file.id IS NULL THEN
            RETURN NEW; -- the key says so
        ELSIF file.archived_at IS NOT NULL
           OR (file.subject_kind, file.subject_id) IS DISTINCT FROM ('district', NEW.id) THEN
            PERFORM refuse_field('logo_id', '"logo_id" is no file of the district itself.');
        ELSIF file.media_type NOT IN ('image/png', 'image/jpeg') OR file.bytes > most_bytes THEN
            PERFORM refuse_field('logo_id', '"logo_id" must be a PNG or JPEG of 200 KB at most.');
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER district_brand_check BEFORE INSERT OR UPDATE OF accent_color, logo_id ON district
    FOR EACH ROW EXECUTE FUNCTION district_brand_check();

-- Its logo, while it is there. The owner's: mails and pages show it, whoever reads them.
CREATE OR REPLACE FUNCTION district_logo(d district) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (SELECT a.id FROM attachment a
            WHERE a.district_id = d.id AND a.id = d.logo_id AND a.archived_at IS NULL
              AND a.subject_kind = 'district' AND a.subject_id = d.id);
END
$$;

-- What both mails and pages show of it.
CREATE OR REPLACE FUNCTION district_brand(d district) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object(
    'name', d.name, 'slug', d.slug, 'phone', d.phone, 'website', d.website, 'reply_to', d.reply_to,
    'logo_id', district_logo(d), 'logo_alt', coalesce(d.logo_alt, d.name), 'accent_color', d.accent_color);

-- The file, for everybody: a piece of it, and how many there are. No row: it is not the logo, or not any more.
CREATE OR REPLACE FUNCTION district_logo_piece(
    p_slug text, p_logo uuid, p_number bigint, p_now text, p_request text,
    OUT media_type text, OUT sha256 text, OUT pieces bigint, OUT bytes bytea)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT public_enter(p_slug, p_now, p_request) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT f.*
    FROM district d
    CROSS JOIN LATERAL attachment_piece_of(p_logo, p_number) f
    WHERE d.id = current_setting('kith.district')::uuid AND district_logo(d) = p_logo;
END
$$;

REVOKE EXECUTE ON FUNCTION color_luminance, color_contrast, district_brand_check, district_logo, district_brand,
    district_logo_piece FROM PUBLIC;
GRANT EXECUTE ON FUNCTION color_luminance, color_contrast, district_logo, district_brand, district_logo_piece TO kith_api;
GRANT EXECUTE ON FUNCTION district_logo, district_brand TO kith_mailer;

RESET ROLE;
