-- Supplied instruments, in our own wording: what those whom schools serve need, and what a meeting was worth. The areas are
-- the codes of the supplied focus areas.

SET ROLE kith_owner;

-- The sections and factors that all of them have.
CREATE OR REPLACE FUNCTION needs_sections() RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_agg(supplied_part(s.code, 'title', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'priorities', 'What is needed most', 'Lo que más se necesita'),
            (2, 'support', 'How it is today', 'Cómo es hoy'),
            (3, 'reach', 'Finding help', 'Encontrar ayuda'),
            (4, 'words', 'In your words', 'En sus palabras')) AS s (place, code, en, es));

CREATE OR REPLACE FUNCTION needs_factors() RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_agg(supplied_part(s.code, 'name', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'support', 'Support today', 'Apoyo actual'),
            (2, 'reach', 'Within reach', 'Al alcance')) AS s (place, code, en, es));

-- What families need.
CREATE OR REPLACE FUNCTION seed_needs_families(p_district uuid) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
    SELECT seed_instrument(p_district, 'needs_families', 1, 'What families need', 'none', supplied_words(
        'What families need most, to set a school’s priorities by. The areas are those by which needs and priorities are kept, so that what is chosen most can become one. In our own wording. Of each area it is counted how many chose it; the two factors are means of their ratings, from 1 to 5.',
        'Qué es lo que más necesitan las familias, para fijar con ello las prioridades de una escuela. Las áreas son aquellas por las que se llevan las necesidades y prioridades, de modo que lo más elegido puede llegar a ser una. Con redacción propia. De cada área se cuenta cuántos la eligieron; los dos factores son medias de sus valoraciones, de 1 a 5.'),
        needs_sections(), needs_factors(),
        jsonb_agg(supplied_question(q.code, q.kind, q.section, q.factor, q.is_reversed, q.required, q.en, q.es, q.more::jsonb)
                  ORDER BY q.place))
    FROM (VALUES
        (1, 'priorities', 'multi', 'priorities', NULL, false, true,
         'Which of these would help your family most?',
         '¿Cuáles de estas cosas ayudarían más a su familia?',
         '{"most": 3, "options": [{"code": "academics", "text": {"en": "Help with schoolwork", "es": "Ayuda con las tareas escolares"}}, {"code": "literacy", "text": {"en": "Reading and writing", "es": "Lectura y escritura"}}, {"code": "stem", "text": {"en": "Science, technology and mathematics", "es": "Ciencias, tecnología y matemáticas"}}, {"code": "arts", "text": {"en": "Arts and music", "es": "Arte y música"}}, {"code": "careers", "text": {"en": "Careers and work experience", "es": "Carreras y experiencia laboral"}}, {"code": "college_access", "text": {"en": "The way to college", "es": "El camino a la universidad"}}, {"code": "mentoring", "text": {"en": "Mentors", "es": "Mentores"}}, {"code": "after_school", "text": {"en": "Activities after school", "es": "Actividades después de clases"}}, {"code": "family_engagement", "text": {"en": "Ways for families to take part", "es": "Maneras de participar para las familias"}}, {"code": "health_care", "text": {"en": "Health care", "es": "Atención médica"}}, {"code": "mental_health", "text": {"en": "Counseling and well-being", "es": "Consejería y bienestar"}}, {"code": "food_security", "text": {"en": "Food", "es": "Alimentos"}}, {"code": "safe_housing", "text": {"en": "Housing", "es": "Vivienda"}}, {"code": "family_stability", "text": {"en": "Help for families in hard times", "es": "Ayuda para familias en momentos difíciles"}}, {"code": "technology_access", "text": {"en": "Devices and internet", "es": "Dispositivos e internet"}}, {"code": "transportation", "text": {"en": "Transportation", "es": "Transporte"}}]}'),
        (2, 'support_learning', 'rating', 'support', 'support', false, true,
         'My child gets the help with learning that it needs.',
         'Mi hijo o hija recibe la ayuda para aprender que necesita.',
         NULL),
        (3, 'support_beyond', 'rating', 'support', 'support', false, true,
         'The school and its partners help with more than lessons where it is needed.',
         'La escuela y sus aliados ayudan también más allá de las clases cuando hace falta.',
         NULL),
        (4, 'support_missing', 'rating', 'support', 'support', true, true,
         'There are things that my family needs and nobody offers.',
         'Hay cosas que mi familia necesita y nadie ofrece.',
         NULL),
        (5, 'reach_language', 'rating', 'reach', 'reach', false, true,
         'I am told about help in a language that I understand well.',
         'Me informan sobre la ayuda en un idioma que entiendo bien.',
         NULL),
        (6, 'reach_time', 'rating', 'reach', 'reach', false, true,
         'What is offered is at times and places that we can manage.',
         'Lo que se ofrece es en horarios y lugares que podemos manejar.',
         NULL),
        (7, 'reach_known', 'yes_no', 'reach', NULL, false, true,
         'Do you know whom to ask when your family needs help?',
         '¿Sabe a quién preguntar cuando su familia necesita ayuda?',
         NULL),
        (8, 'reach_channel', 'choice', 'reach', NULL, false, false,
         'How should we tell you about help?',
         '¿Cómo deberíamos informarle sobre la ayuda?',
         '{"options": [{"code": "message", "text": {"en": "A text message", "es": "Un mensaje de texto"}}, {"code": "mail", "text": {"en": "An e-mail", "es": "Un correo electrónico"}}, {"code": "paper", "text": {"en": "A paper from school", "es": "Un papel de la escuela"}}, {"code": "person", "text": {"en": "Somebody who tells me", "es": "Alguien que me lo diga"}}], "show_if": {"question": "reach_known", "is": false}}'),
        (9, 'comment', 'text', 'words', NULL, false, false,
         'What else should the school know? Please do not write about single students.',
         '¿Qué más debería saber la escuela? Por favor no escriba sobre estudiantes en particular.',
         NULL)
        ) AS q (place, code, kind, section, factor, is_reversed, required, en, es, more);
END;

-- What students need; nothing that the law wants a notice for.
CREATE OR REPLACE FUNCTION seed_needs_students(p_district uuid) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
    SELECT seed_instrument(p_district, 'needs_students', 1, 'What students need', 'none', supplied_words(
        'What students need most, to set a school’s priorities by. The areas are those by which needs and priorities are kept, so that what is chosen most can become one. In our own wording. Of each area it is counted how many chose it; the two factors are means of their ratings, from 1 to 5. It asks nothing about health, family, income or belief, for which the law wants a notice to families first.',
        'Qué es lo que más necesitan los estudiantes, para fijar con ello las prioridades de una escuela. Las áreas son aquellas por las que se llevan las necesidades y prioridades, de modo que lo más elegido puede llegar a ser una. Con redacción propia. De cada área se cuenta cuántos la eligieron; los dos factores son medias de sus valoraciones, de 1 a 5. No pregunta nada sobre salud, familia, ingresos o creencias, para lo cual la ley exige avisar antes a las familias.'),
        needs_sections(), needs_factors(),
        jsonb_agg(supplied_question(q.code, q.kind, q.section, q.factor, q.is_reversed, q.required, q.en, q.es, q.more::jsonb)
                  ORDER BY q.place))
    FROM (VALUES
        (1, 'priorities', 'multi', 'priorities', NULL, false, true,
         'Which of these should your school have more of?',
         '¿De cuáles de estas cosas debería tener más tu escuela?',
         '{"most": 3, "options": [{"code": "academics", "text": {"en": "Help with schoolwork", "es": "Ayuda con las tareas escolares"}}, {"code": "literacy", "text": {"en": "Reading and writing", "es": "Lectura y escritura"}}, {"code": "stem", "text": {"en": "Science, technology and mathematics", "es": "Ciencias, tecnología y matemáticas"}}, {"code": "arts", "text": {"en": "Arts and music", "es": "Arte y música"}}, {"code": "careers", "text": {"en": "Careers and work experience", "es": "Carreras y experiencia laboral"}}, {"code": "college_access", "text": {"en": "The way to college", "es": "El camino a la universidad"}}, {"code": "mentoring", "text": {"en": "Mentors", "es": "Mentores"}}, {"code": "after_school", "text": {"en": "Activities after school", "es": "Actividades después de clases"}}, {"code": "technology_access", "text": {"en": "Devices and internet", "es": "Dispositivos e internet"}}, {"code": "transportation", "text": {"en": "Transportation", "es": "Transporte"}}]}'),
        (2, 'support_adult', 'rating', 'support', 'support', false, true,
         'There is an adult at school whom I can ask for help.',
         'En la escuela hay una persona adulta a quien puedo pedir ayuda.',
         NULL),
        (3, 'support_try', 'rating', 'support', 'support', false, true,
         'I can try out things at school that interest me.',
         'En la escuela puedo probar cosas que me interesan.',
         NULL),
        (4, 'support_missing', 'rating', 'support', 'support', true, true,
         'What I want to learn is not offered here.',
         'Lo que quiero aprender no se ofrece aquí.',
         NULL),
        (5, 'reach_join', 'rating', 'reach', 'reach', false, true,
         'I can join activities when I want to.',
         'Puedo entrar en las actividades cuando quiero.',
         NULL),
        (6, 'reach_way', 'rating', 'reach', 'reach', false, true,
         'I get there and home again.',
         'Puedo llegar y volver a casa.',
         NULL),
        (7, 'reach_takes', 'yes_no', 'reach', NULL, false, true,
         'Do you take part in anything outside of lessons?',
         '¿Participas en algo fuera de las clases?',
         NULL),
        (8, 'reach_why', 'choice', 'reach', NULL, false, false,
         'What is the main reason?',
         '¿Cuál es la razón principal?',
         '{"options": [{"code": "nothing", "text": {"en": "Nothing interests me", "es": "Nada me interesa"}}, {"code": "time", "text": {"en": "I have no time", "es": "No tengo tiempo"}}, {"code": "way", "text": {"en": "I cannot get there or home", "es": "No puedo llegar o volver"}}, {"code": "unknown", "text": {"en": "I do not know what there is", "es": "No sé qué hay"}}], "show_if": {"question": "reach_takes", "is": false}}'),
        (9, 'comment', 'text', 'words', NULL, false, false,
         'What else should your school know? Please do not write about yourself or others by name.',
         '¿Qué más debería saber tu escuela? Por favor no escribas sobre ti o sobre otros por su nombre.',
         NULL)
        ) AS q (place, code, kind, section, factor, is_reversed, required, en, es, more);
END;

-- What staff sees that is needed.
CREATE OR REPLACE FUNCTION seed_needs_staff(p_district uuid) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
    SELECT seed_instrument(p_district, 'needs_staff', 1, 'What staff sees that is needed', 'none', supplied_words(
        'What students and families in the eyes of staff need most, to set a school’s priorities by. The areas are those by which needs and priorities are kept, so that what is chosen most can become one. In our own wording. Of each area it is counted how many chose it; the two factors are means of their ratings, from 1 to 5.',
        'Qué es lo que más necesitan los estudiantes y las familias a los ojos del personal, para fijar con ello las prioridades de una escuela. Las áreas son aquellas por las que se llevan las necesidades y prioridades, de modo que lo más elegido puede llegar a ser una. Con redacción propia. De cada área se cuenta cuántos la eligieron; los dos factores son medias de sus valoraciones, de 1 a 5.'),
        needs_sections(), needs_factors(),
        jsonb_agg(supplied_question(q.code, q.kind, q.section, q.factor, q.is_reversed, q.required, q.en, q.es, q.more::jsonb)
                  ORDER BY q.place))
    FROM (VALUES
        (1, 'priorities', 'multi', 'priorities', NULL, false, true,
         'Which of these do your students need most?',
         '¿Cuáles de estas cosas necesitan más sus estudiantes?',
         '{"most": 3, "options": [{"code": "academics", "text": {"en": "Help with schoolwork", "es": "Ayuda con las tareas escolares"}}, {"code": "literacy", "text": {"en": "Reading and writing", "es": "Lectura y escritura"}}, {"code": "stem", "text": {"en": "Science, technology and mathematics", "es": "Ciencias, tecnología y matemáticas"}}, {"code": "arts", "text": {"en": "Arts and music", "es": "Arte y música"}}, {"code": "careers", "text": {"en": "Careers and work experience", "es": "Carreras y experiencia laboral"}}, {"code": "college_access", "text": {"en": "The way to college", "es": "El camino a la universidad"}}, {"code": "mentoring", "text": {"en": "Mentors", "es": "Mentores"}}, {"code": "after_school", "text": {"en": "Activities after school", "es": "Actividades después de clases"}}, {"code": "family_engagement", "text": {"en": "Ways for families to take part", "es": "Maneras de participar para las familias"}}, {"code": "staff_development", "text": {"en": "Training for staff", "es": "Formación para el personal"}}, {"code": "health_care", "text": {"en": "Health care", "es": "Atención médica"}}, {"code": "mental_health", "text": {"en": "Counseling and well-being", "es": "Consejería y bienestar"}}, {"code": "food_security", "text": {"en": "Food", "es": "Alimentos"}}, {"code": "safe_housing", "text": {"en": "Housing", "es": "Vivienda"}}, {"code": "family_stability", "text": {"en": "Help for families in hard times", "es": "Ayuda para familias en momentos difíciles"}}, {"code": "technology_access", "text": {"en": "Devices and internet", "es": "Dispositivos e internet"}}, {"code": "transportation", "text": {"en": "Transportation", "es": "Transporte"}}]}'),
        (2, 'support_partners', 'importance_occurrence', 'support', 'support', false, true,
         'Partners give what my students need.',
         'Los aliados dan lo que mis estudiantes necesitan.',
         NULL),
        (3, 'support_staff', 'rating', 'support', 'support', false, true,
         'I get the help that I need to work with partners.',
         'Recibo la ayuda que necesito para trabajar con aliados.',
         NULL),
        (4, 'support_extra', 'rating', 'support', 'support', true, true,
         'Partners’ programs cost me more work than they save.',
         'Los programas de los aliados me dan más trabajo del que ahorran.',
         NULL),
        (5, 'reach_refer', 'rating', 'reach', 'reach', false, true,
         'I know where to send a family that needs help.',
         'Sé adónde enviar a una familia que necesita ayuda.',
         NULL),
        (6, 'reach_answer', 'rating', 'reach', 'reach', false, true,
         'When I send somebody for help, help comes.',
         'Cuando envío a alguien por ayuda, la ayuda llega.',
         NULL),
        (7, 'reach_hours', 'number', 'reach', NULL, false, false,
         'About how many hours a month do you spend looking for help for students?',
         '¿Unas cuántas horas al mes dedica a buscar ayuda para estudiantes?',
         '{"min": 0, "max": 200}'),
        (8, 'comment', 'text', 'words', NULL, false, false,
         'What else is needed? Please do not write about single students.',
         '¿Qué más se necesita? Por favor no escriba sobre estudiantes en particular.',
         NULL)
        ) AS q (place, code, kind, section, factor, is_reversed, required, en, es, more);
END;

-- What a meeting was worth.
CREATE OR REPLACE FUNCTION seed_convening_feedback(p_district uuid) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
    SELECT seed_instrument(p_district, 'convening_feedback', 1, 'Convening feedback', 'none', supplied_words(
        'Whether a meeting was worth coming to: whether its purpose was clear and its time well used, whether all were heard, and whether something follows. In our own wording. Each factor is the mean of its ratings, from 1 to 5; statements that speak against it count the other way round.',
        'Si valió la pena venir a una reunión: si su propósito fue claro y el tiempo bien usado, si se escuchó a todos y si algo sigue de ella. Con redacción propia. Cada factor es la media de sus valoraciones, de 1 a 5; las frases que hablan en contra cuentan al revés.'),
        (SELECT jsonb_agg(supplied_part(s.code, 'title', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'meeting', 'The meeting', 'La reunión'),
            (2, 'next', 'Next time', 'La próxima vez')) AS s (place, code, en, es)),
        (SELECT jsonb_agg(supplied_part(s.code, 'name', s.en, s.es) ORDER BY s.place) FROM (VALUES
            (1, 'purpose', 'Purpose and use', 'Propósito y utilidad'),
            (2, 'voice', 'Voice', 'Voz')) AS s (place, code, en, es)),
        jsonb_agg(supplied_question(q.code, q.kind, q.section, q.factor, q.is_reversed, q.required, q.en, q.es, q.more::jsonb)
                  ORDER BY q.place))
    FROM (VALUES
        (1, 'purpose_clear', 'rating', 'meeting', 'purpose', false, true,
         'I knew what the meeting was for.',
         'Supe para qué era la reunión.',
         NULL),
        (2, 'purpose_time', 'rating', 'meeting', 'purpose', false, true,
         'The time was used well.',
         'El tiempo se usó bien.',
         NULL),
        (3, 'purpose_follow', 'rating', 'meeting', 'purpose', false, true,
         'It is clear what follows, and who does it.',
         'Está claro qué sigue y quién lo hace.',
         NULL),
        (4, 'voice_heard', 'rating', 'meeting', 'voice', false, true,
         'I could say what matters to me.',
         'Pude decir lo que me importa.',
         NULL),
        (5, 'voice_few', 'rating', 'meeting', 'voice', true, true,
         'A few people did most of the talking.',
         'Unas pocas personas hablaron casi todo el tiempo.',
         NULL),
        (6, 'again', 'yes_no', 'next', NULL, false, true,
         'Would you come again?',
         '¿Vendría otra vez?',
         NULL),
        (7, 'why_not', 'text', 'next', NULL, false, false,
         'What would have to be different?',
         '¿Qué tendría que ser diferente?',
         '{"show_if": {"question": "again", "is": false}}'),
        (8, 'format', 'choice', 'next', NULL, false, false,
         'How would you like to meet?',
         '¿Cómo le gustaría reunirse?',
         '{"options": [{"code": "room", "text": {"en": "In a room", "es": "En una sala"}}, {"code": "online", "text": {"en": "Online", "es": "En línea"}}, {"code": "both", "text": {"en": "Either", "es": "De cualquier manera"}}], "show_if": {"question": "again", "is": true}}'),
        (9, 'comment', 'text', 'next', NULL, false, false,
         'What else should we know?',
         '¿Qué más deberíamos saber?',
         NULL)
        ) AS q (place, code, kind, section, factor, is_reversed, required, en, es, more);
END;

-- The supplied instruments that the district lacks: how many were made.
CREATE OR REPLACE FUNCTION seed_instruments(p_district uuid) RETURNS integer
LANGUAGE sql
RETURN seed_relationship(p_district) + seed_trust_value(p_district) + seed_partnership_quality(p_district)
     + seed_needs_families(p_district) + seed_needs_students(p_district) + seed_needs_staff(p_district)
     + seed_convening_feedback(p_district);

REVOKE EXECUTE ON FUNCTION needs_sections, needs_factors, seed_needs_families, seed_needs_students, seed_needs_staff, seed_convening_feedback,
    seed_instruments FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seed_instruments TO kith_migrate;

RESET ROLE;
