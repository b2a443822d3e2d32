-- An instrument is a document of a district's own: sections, factors, what it asks about, where it comes from. It is
-- a draft until it is published, and stays as it is from the first survey on that is to ask it.

SET ROLE kith_owner;

ALTER TABLE instrument
    ADD COLUMN subject text NOT NULL DEFAULT 'relationship', -- 'none': it asks about nothing in particular
    ADD COLUMN sections jsonb NOT NULL DEFAULT '[]', -- [{"code", "title": {locale: …}, "text"?, "show_if"?}]
    ADD COLUMN factors jsonb NOT NULL DEFAULT '[]',  -- [{"code", "name": {locale: …}}]
    ADD COLUMN about jsonb NOT NULL DEFAULT '{}',    -- {locale: purpose, source and scoring}
    ADD COLUMN status text NOT NULL DEFAULT 'published',
    ADD COLUMN frozen_at timestamptz,
    ADD CONSTRAINT instrument_subject_check CHECK (subject IN ('relationship', 'none')),
    ADD CONSTRAINT instrument_status_check CHECK (status IN ('draft', 'published')),
    ADD CONSTRAINT instrument_sections_check
        CHECK (jsonb_typeof(sections) = 'array' AND jsonb_array_length(sections) <= 50),
    ADD CONSTRAINT instrument_factors_check
        CHECK (jsonb_typeof(factors) = 'array' AND jsonb_array_length(factors) <= 20),
    ADD CONSTRAINT instrument_about_check CHECK (jsonb_typeof(about) = 'object');
CREATE INDEX instrument_status ON instrument (district_id, status, name, id);
GRANT INSERT, UPDATE ON instrument TO kith_api;

-- What there is says the same as before, in more words: no change of it.
ALTER TABLE instrument DISABLE TRIGGER USER;

RESET ROLE;

UPDATE instrument n
SET frozen_at = (SELECT min(coalesce(s.opened_at, s.updated_at)) FROM survey s
                 WHERE s.district_id = n.district_id AND s.instrument_id = n.id
                   AND s.status NOT IN ('draft', 'cancelled'));
UPDATE instrument
SET factors = '[{"code": "trust", "name": {"en": "Trust", "es": "Confianza"}},
                {"code": "value", "name": {"en": "Value", "es": "Valor"}},
                {"code": "quality", "name": {"en": "Quality", "es": "Calidad"}}]',
    sections = '[{"code": "trust", "title": {"en": "Trust", "es": "Confianza"}},
                 {"code": "value", "title": {"en": "Value", "es": "Valor"}},
                 {"code": "quality", "title": {"en": "Quality", "es": "Calidad"}},
                 {"code": "comment", "title": {"en": "In your words", "es": "En sus palabras"}}]',
    about = '{"en": "How each side sees the relationship: whether it can rely on the other (trust), whether it is worth the effort (value), and how the work goes together (quality). In our own wording. Each factor is the mean of its ratings, from 1 to 5.",
              "es": "Cómo ve cada parte la relación: si puede contar con la otra (confianza), si vale el esfuerzo (valor) y cómo marcha el trabajo conjunto (calidad). Con redacción propia. Cada factor es la media de sus valoraciones, de 1 a 5."}'
WHERE code = 'relationship' AND edition = 1;

SET ROLE kith_owner;
ALTER TABLE instrument ENABLE TRIGGER USER;
RESET ROLE;
