-- Supplied instruments, in our own wording: what two sides say of their relationship.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION supplied_words(p_en text, p_es text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('en', p_en, 'es', p_es);

CREATE OR REPLACE FUNCTION supplied_part(p_code text, p_member text, p_en text, p_es text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('code', p_code, p_member, supplied_words(p_en, p_es));

CREATE OR REPLACE FUNCTION supplied_question(
    p_code text, p_kind text, p_section text, p_factor text, p_is_reversed boolean, p_required boolean, p_en text, p_es text,
    p_more jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('code', p_code, 'kind', p_kind, 'section', p_section, 'factor', p_factor, 'is_reversed', p_is_reversed,
                          'required', p_required, 'text', supplied_words(p_en, p_es)) || coalesce(p_more, '{}');

-- Adds one that the district lacks, by its code and edition: how many.
CREATE OR REPLACE FUNCTION seed_instrument(
    p_district uuid, p_code text, p_edition bigint, p_name text, p_subject text, p_about jsonb, p_sections jsonb, p_factors jsonb,
    p_questions jsonb) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := business_now();
    made integer;
BEGIN
    IF EXISTS (SELECT FROM instrument n WHERE n.district_id = p_district AND n.code = p_code AND n.edition = p_edition) THEN
        RETURN 0;
    END IF;
    INSERT INTO instrument (district_id, id, code, edition, name, subject, locales, about, sections, factors, questions, status,
                            created_at, updated_at)
    VALUES (p_district, uuid7(), p_code, p_edition, p_name, p_subject, '{en,es}', p_about, p_sections, p_factors, p_questions,
            'published', business_now, business_now)
    ON CONFLICT ON CONSTRAINT instrument_edition_key DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

-- The short one: trust, value and quality.
CREATE OR REPLACE FUNCTION seed_relationship(p_district uuid) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
    SELECT seed_instrument(p_district, 'relationship', 1, 'Partnership relationship', 'relationship', supplied_words(
        'How each side sees the relationship: whether it can rely on the other (trust), whether it is worth the effort (value), and how the work goes together (quality). In our own wording. Each factor is the mean of its ratings, from 1 to 5.',
        'Cómo ve cada parte la relación: si puede contar con la otra (confianza), si vale el esfuerzo (valor) y cómo marcha el trabajo conjunto (calidad). Con redacción propia. Cada factor es la media de sus valoraciones, de 1 a 5.'),
        (SELECT jsonb_agg(supplied_part(s.code, 'title', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'trust', 'Trust', 'Confianza'),
            (2, 'value', 'Value', 'Valor'),
            (3, 'quality', 'Quality', 'Calidad'),
            (4, 'comment', 'In your words', 'En sus palabras')) AS s (place, code, en, es)),
        (SELECT jsonb_agg(supplied_part(s.code, 'name', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'trust', 'Trust', 'Confianza'),
            (2, 'value', 'Value', 'Valor'),
            (3, 'quality', 'Quality', 'Calidad')) AS s (place, code, en, es)),
        jsonb_agg(supplied_question(q.code, q.kind, q.section, q.factor, q.is_reversed, q.required, q.en, q.es, q.more::jsonb)
                  ORDER BY q.place))
    FROM (VALUES
        (1, 'trust_word', 'rating', 'trust', 'trust', false, true,
         'The other side does what it says it will do.',
         'La otra parte cumple lo que promete.',
         NULL),
        (2, 'trust_open', 'rating', 'trust', 'trust', false, true,
         'We can speak openly with each other when something goes wrong.',
         'Podemos hablar con franqueza cuando algo sale mal.',
         NULL),
        (3, 'value_worth', 'rating', 'value', 'value', false, true,
         'What we get out of this partnership is worth what we put into it.',
         'Lo que recibimos de esta alianza vale lo que aportamos.',
         NULL),
        (4, 'value_need', 'rating', 'value', 'value', false, true,
         'This partnership meets a need that nobody else meets.',
         'Esta alianza atiende una necesidad que nadie más atiende.',
         NULL),
        (5, 'alignment', 'rating', 'quality', 'quality', false, true,
         'Our work together serves the priorities of the school.',
         'Nuestro trabajo conjunto responde a las prioridades de la escuela.',
         NULL),
        (6, 'coordination', 'rating', 'quality', 'quality', false, true,
         'Our services fit together with what others do for the same students and families.',
         'Nuestros servicios encajan con lo que otros hacen por los mismos estudiantes y familias.',
         NULL),
        (7, 'leadership', 'rating', 'quality', 'quality', false, true,
         'Leading this partnership rests on more than one person on each side.',
         'La dirección de esta alianza descansa en más de una persona de cada parte.',
         NULL),
        (8, 'accountability', 'rating', 'quality', 'quality', false, true,
         'Both sides answer for the goals that we set together.',
         'Ambas partes responden por las metas que fijamos juntas.',
         NULL),
        (9, 'results', 'rating', 'quality', 'quality', false, true,
         'We can show what has come of our work.',
         'Podemos mostrar los resultados de nuestro trabajo.',
         NULL),
        (10, 'communication', 'rating', 'quality', 'quality', false, true,
         'We hear from each other as often as we need to.',
         'Nos comunicamos con la frecuencia necesaria.',
         NULL),
        (11, 'sustainability', 'rating', 'quality', 'quality', false, true,
         'This partnership would go on if a leader on either side left.',
         'Esta alianza continuaría si se fuera un líder de cualquiera de las partes.',
         NULL),
        (12, 'comment', 'text', 'comment', NULL, false, false,
         'What would make this partnership better? Please do not write about single students.',
         '¿Qué mejoraría esta alianza? Por favor no escriba sobre estudiantes en particular.',
         NULL)
        ) AS q (place, code, kind, section, factor, is_reversed, required, en, es, more);
END;

-- Trust and value, with more to say of each.
CREATE OR REPLACE FUNCTION seed_trust_value(p_district uuid) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
    SELECT seed_instrument(p_district, 'trust_value', 1, 'Trust and value', 'relationship', supplied_words(
        'How far each side trusts the other, and what the relationship is worth to it. Trust is asked as research on trust between organizations has it: keeping promises, competence, openness and good will; value as benefit for the effort and as what nobody else gives. In our own wording. Each factor is the mean of its ratings, from 1 to 5; statements that speak against it count the other way round.',
        'Hasta dónde confía cada parte en la otra, y qué vale la relación para ella. La confianza se pregunta como la describe la investigación sobre confianza entre organizaciones: cumplir lo prometido, competencia, franqueza y buena voluntad; el valor, como beneficio por el esfuerzo y como lo que nadie más da. Con redacción propia. Cada factor es la media de sus valoraciones, de 1 a 5; las frases que hablan en contra cuentan al revés.'),
        (SELECT jsonb_agg(supplied_part(s.code, 'title', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'trust', 'Trust', 'Confianza'),
            (2, 'value', 'Value', 'Valor'),
            (3, 'words', 'In your words', 'En sus palabras')) AS s (place, code, en, es)),
        (SELECT jsonb_agg(supplied_part(s.code, 'name', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'trust', 'Trust', 'Confianza'),
            (2, 'value', 'Value', 'Valor')) AS s (place, code, en, es)),
        jsonb_agg(supplied_question(q.code, q.kind, q.section, q.factor, q.is_reversed, q.required, q.en, q.es, q.more::jsonb)
                  ORDER BY q.place))
    FROM (VALUES
        (1, 'trust_promises', 'rating', 'trust', 'trust', false, true,
         'The other side keeps its promises, small ones too.',
         'La otra parte cumple sus promesas, también las pequeñas.',
         NULL),
        (2, 'trust_able', 'rating', 'trust', 'trust', false, true,
         'The people on the other side know how to do their part.',
         'Las personas de la otra parte saben hacer lo que les toca.',
         NULL),
        (3, 'trust_guarded', 'rating', 'trust', 'trust', true, true,
         'We are careful about what we tell the other side.',
         'Cuidamos mucho lo que le contamos a la otra parte.',
         NULL),
        (4, 'trust_will', 'rating', 'trust', 'trust', false, true,
         'The other side thinks of our interests when it decides.',
         'La otra parte piensa en nuestros intereses cuando decide.',
         NULL),
        (5, 'value_effort', 'rating', 'value', 'value', false, true,
         'What comes of this partnership is worth the time that we give it.',
         'Lo que resulta de esta alianza vale el tiempo que le damos.',
         NULL),
        (6, 'value_only', 'rating', 'value', 'value', false, true,
         'We would not easily find elsewhere what the other side gives.',
         'No sería fácil encontrar en otro lugar lo que aporta la otra parte.',
         NULL),
        (7, 'value_less', 'rating', 'value', 'value', true, true,
         'We put more into this partnership than comes back.',
         'Aportamos a esta alianza más de lo que recibimos.',
         NULL),
        (8, 'value_students', 'rating', 'value', 'value', false, true,
         'Students or families are better off because of it.',
         'Los estudiantes o las familias están mejor gracias a ella.',
         NULL),
        (9, 'goes_on', 'yes_no', 'words', NULL, false, true,
         'Should this partnership go on next school year?',
         '¿Debería continuar esta alianza el próximo año escolar?',
         NULL),
        (10, 'why_not', 'text', 'words', NULL, false, false,
         'What would have to change for it to go on? Please do not write about single students.',
         '¿Qué tendría que cambiar para que continúe? Por favor no escriba sobre estudiantes en particular.',
         '{"show_if": {"question": "goes_on", "is": false}}'),
        (11, 'comment', 'text', 'words', NULL, false, false,
         'What else should the other side know? Please do not write about single students.',
         '¿Qué más debería saber la otra parte? Por favor no escriba sobre estudiantes en particular.',
         NULL)
        ) AS q (place, code, kind, section, factor, is_reversed, required, en, es, more);
END;

-- Quality in its seven elements.
CREATE OR REPLACE FUNCTION seed_partnership_quality(p_district uuid) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
    SELECT seed_instrument(p_district, 'partnership_quality', 1, 'Partnership quality', 'relationship', supplied_words(
        'How well a partnership works, by the seven elements that school districts and their partners name most: strategic alignment, coordinated services, distributive leadership, shared accountability, results, communication and sustainability. In our own wording. Each element is the mean of its three items, from 1 to 5; statements that speak against it count the other way round; where importance and occurrence are asked, occurrence counts, and what is important and seldom so is what to work on first.',
        'Qué tan bien funciona una alianza, según los siete elementos que más nombran los distritos escolares y sus aliados: alineación estratégica, servicios coordinados, liderazgo compartido, responsabilidad compartida, resultados, comunicación y sostenibilidad. Con redacción propia. Cada elemento es la media de sus tres frases, de 1 a 5; las que hablan en contra cuentan al revés; donde se pregunta importancia y frecuencia cuenta la frecuencia, y lo que es importante y poco frecuente es lo primero por mejorar.'),
        (SELECT jsonb_agg(supplied_part(s.code, 'title', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'alignment', 'Strategic alignment', 'Alineación estratégica'),
            (2, 'coordination', 'Coordinated services', 'Servicios coordinados'),
            (3, 'leadership', 'Distributive leadership', 'Liderazgo compartido'),
            (4, 'accountability', 'Shared accountability', 'Responsabilidad compartida'),
            (5, 'results', 'Results', 'Resultados'),
            (6, 'communication', 'Communication', 'Comunicación'),
            (7, 'sustainability', 'Sustainability', 'Sostenibilidad'),
            (8, 'comment', 'In your words', 'En sus palabras')) AS s (place, code, en, es)),
        (SELECT jsonb_agg(supplied_part(s.code, 'name', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'alignment', 'Strategic alignment', 'Alineación estratégica'),
            (2, 'coordination', 'Coordinated services', 'Servicios coordinados'),
            (3, 'leadership', 'Distributive leadership', 'Liderazgo compartido'),
            (4, 'accountability', 'Shared accountability', 'Responsabilidad compartida'),
            (5, 'results', 'Results', 'Resultados'),
            (6, 'communication', 'Communication', 'Comunicación'),
            (7, 'sustainability', 'Sustainability', 'Sostenibilidad')) AS s (place, code, en, es)),
        jsonb_agg(supplied_question(q.code, q.kind, q.section, q.factor, q.is_reversed, q.required, q.en, q.es, q.more::jsonb)
                  ORDER BY q.place))
    FROM (VALUES
        (1, 'alignment_goals', 'rating', 'alignment', 'alignment', false, true,
         'We have agreed which of the school’s priorities this partnership serves.',
         'Hemos acordado a qué prioridades de la escuela sirve esta alianza.',
         NULL),
        (2, 'alignment_plans', 'rating', 'alignment', 'alignment', false, true,
         'What we do this year follows from a plan that both sides know.',
         'Lo que hacemos este año sigue un plan que ambas partes conocen.',
         NULL),
        (3, 'alignment_apart', 'rating', 'alignment', 'alignment', true, true,
         'Each side mostly follows goals of its own.',
         'Cada parte sigue sobre todo sus propias metas.',
         NULL),
        (4, 'coordination_fit', 'rating', 'coordination', 'coordination', false, true,
         'Our services fit together with those of others for the same students and families.',
         'Nuestros servicios encajan con los de otros para los mismos estudiantes y familias.',
         NULL),
        (5, 'coordination_day', 'rating', 'coordination', 'coordination', false, true,
         'Times, places and people are arranged so that students can really take part.',
         'Los horarios, los lugares y las personas se organizan para que los estudiantes puedan participar de verdad.',
         NULL),
        (6, 'coordination_twice', 'rating', 'coordination', 'coordination', true, true,
         'We often find that somebody else does the same thing beside us.',
         'A menudo descubrimos que alguien más hace lo mismo al lado de nosotros.',
         NULL),
        (7, 'leadership_several', 'rating', 'leadership', 'leadership', false, true,
         'More than one person on each side can decide and act.',
         'Más de una persona de cada parte puede decidir y actuar.',
         NULL),
        (8, 'leadership_voice', 'rating', 'leadership', 'leadership', false, true,
         'Families, students or front-line staff have a say in what we do.',
         'Las familias, los estudiantes o el personal de primera línea tienen voz en lo que hacemos.',
         NULL),
        (9, 'leadership_one', 'rating', 'leadership', 'leadership', true, true,
         'Nothing moves unless one certain person pushes it.',
         'Nada avanza si no lo empuja una persona en concreto.',
         NULL),
        (10, 'accountability_roles', 'rating', 'accountability', 'accountability', false, true,
         'It is clear on both sides who does what, and by when.',
         'En ambas partes está claro quién hace qué y para cuándo.',
         NULL),
        (11, 'accountability_look', 'rating', 'accountability', 'accountability', false, true,
         'We look together at whether we did what we had agreed.',
         'Revisamos juntos si hicimos lo acordado.',
         NULL),
        (12, 'accountability_blame', 'rating', 'accountability', 'accountability', true, true,
         'When something fails, each side points to the other.',
         'Cuando algo falla, cada parte señala a la otra.',
         NULL),
        (13, 'results_data', 'rating', 'results', 'results', false, true,
         'We have figures that show how far we came.',
         'Tenemos cifras que muestran cuánto avanzamos.',
         NULL),
        (14, 'results_change', 'rating', 'results', 'results', false, true,
         'We change what we do when the figures say so.',
         'Cambiamos lo que hacemos cuando las cifras lo indican.',
         NULL),
        (15, 'results_students', 'importance_occurrence', 'results', 'results', false, true,
         'We can show what students or families got out of it.',
         'Podemos mostrar qué obtuvieron los estudiantes o las familias.',
         NULL),
        (16, 'communication_often', 'rating', 'communication', 'communication', false, true,
         'We hear from each other as often as the work needs.',
         'Nos comunicamos con la frecuencia que el trabajo necesita.',
         NULL),
        (17, 'communication_late', 'rating', 'communication', 'communication', true, true,
         'We learn too late of what concerns us.',
         'Nos enteramos demasiado tarde de lo que nos afecta.',
         NULL),
        (18, 'communication_open', 'importance_occurrence', 'communication', 'communication', false, true,
         'Problems are named early and talked about openly.',
         'Los problemas se nombran pronto y se hablan con franqueza.',
         NULL),
        (19, 'sustainability_leader', 'rating', 'sustainability', 'sustainability', false, true,
         'The partnership would go on if a leader on either side left.',
         'La alianza continuaría si se fuera un líder de cualquiera de las partes.',
         NULL),
        (20, 'sustainability_money', 'rating', 'sustainability', 'sustainability', false, true,
         'We know what pays for it next year.',
         'Sabemos con qué se paga el próximo año.',
         NULL),
        (21, 'sustainability_people', 'importance_occurrence', 'sustainability', 'sustainability', false, true,
         'New people are brought in, so that the knowledge stays.',
         'Se incorpora a personas nuevas, para que el conocimiento quede.',
         NULL),
        (22, 'comment', 'text', 'comment', NULL, false, false,
         'What would make this partnership better? Please do not write about single students.',
         '¿Qué mejoraría esta alianza? Por favor no escriba sobre estudiantes en particular.',
         NULL)
        ) AS q (place, code, kind, section, factor, is_reversed, required, en, es, more);
END;

REVOKE EXECUTE ON FUNCTION supplied_words, supplied_part, supplied_question, seed_instrument, seed_relationship, seed_trust_value,
    seed_partnership_quality FROM PUBLIC;

RESET ROLE;
