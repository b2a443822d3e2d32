-- What kith-mailer says to the database; see sql/functions/79_mailer*.sql.

-- Begins the transaction of a claim. No row: nothing is due.
-- $1 now, $2 how many at most, $3 how many mails a domain may still get, where that is less (JSON),
-- $4 addresses and domains to which alone mails go (JSON; NULL: to all)
-- name: mail_take :maybe
SELECT t.district_id, t.message_ids, cardinality(t.message_ids) AS count
FROM messages_take($1::timestamptz, $2::integer, $3::jsonb,
                   CASE WHEN $4::text IS NOT NULL
                        THEN ARRAY(SELECT jsonb_array_elements_text($4::jsonb)) END) AS t
WHERE t.district_id IS NOT NULL;

-- Then, unless it is known: how many mails their district may still send today.
-- $1 a district's mails of a day
-- name: mail_left :one
SELECT $1::bigint - messages_sent_today() AS left_today;

-- Then, for the messages that were taken: what becomes of each, and for what is to be sent the letter; of a mail that
-- carries others theirs after its own.
-- $1 messages, $2 keys (JSON), $3 lease in milliseconds, $4 how many mails their district may still send today
-- name: mail_claim :many
SELECT c.message_id, c.verdict, c.place, (c.letter ->> 'number')::bigint AS number, c.letter ->> 'class' AS class,
       c.letter ->> 'topic' AS topic, c.letter ->> 'kind' AS kind, c.letter ->> 'locale' AS locale,
       c.to_name, c.letter ->> 'to_address' AS to_address, s.from_name, s.own_from,
       s.reply_to, s.slug,
       c.series_id, (c.letter ->> 'has_task')::boolean AS has_task,
       (c.letter ->> 'has_stop')::boolean AS has_stop, s.district, c.letter ->> 'about' AS about,
       s.district ->> 'locale' AS own_locale,
       i.invitation IS NOT NULL AS has_invitation,
       (i.invitation ->> 'is_cancelled')::boolean AS is_cancelled,
       i.invitation ->> 'uid' AS uid, i.invitation ->> 'sequence' AS sequence,
       i.invitation ->> 'due_on' AS due_on,
       coalesce(date_part('epoch', (i.invitation ->> 'starts_at')::timestamptz) * 1000, 0)::bigint AS starts_at_ms,
       coalesce(date_part('epoch', (i.invitation ->> 'ends_at')::timestamptz) * 1000, 0)::bigint AS ends_at_ms,
       coalesce(i.invitation ->> 'location', '') AS location, coalesce(i.invitation ->> 'zone', '') AS zone,
       (date_part('epoch', (i.invitation ->> 'stamped_at')::timestamptz) * 1000)::bigint AS stamped_at_ms,
       i.invitation ->> 'organizer_name' AS organizer_name,
       i.invitation ->> 'organizer_address' AS organizer_address
FROM messages_claim($1::uuid[], $2::jsonb, $3::bigint, $4::bigint) AS c
CROSS JOIN mail_sender() AS s
CROSS JOIN LATERAL (SELECT nullif(c.letter -> 'invitation', 'null') AS invitation) AS i;

-- Then the links of what the mails carry: $1 messages, links and their hashes (JSON).
-- name: mail_thing_links :exec
SELECT message_thing_links($1::jsonb);

-- By itself, while the attempt goes on.
-- $1 district, $2 message, $3 attempt's number, $4 lease in milliseconds
-- name: mail_extend :exec
SELECT message_extend($1::uuid, $2::uuid, $3::bigint, $4::bigint);

-- By itself, when it is known what became of attempts. Status NULL: another one has begun.
-- $1 district, $2 now, $3 of each the message (id), the attempt's number, the outcome, whether the address is bad, the
-- server's code, detail, and the seconds until the next one (JSON)
-- name: mail_end :many
SELECT e.message_id, e.status FROM messages_end($1::uuid, $2::timestamptz, $3::jsonb) AS e;

-- By itself, for what was claimed and will not be tried now.
-- $1 district, $2 now, $3 attempts
-- name: mail_give_back :exec
SELECT messages_give_back($1::uuid, $2::timestamptz, $3::uuid[]);

-- $1 now
-- name: mail_watch :one
SELECT oldest_due_s, in_flight, held FROM messages_watch($1::timestamptz);

-- A mail to be looked at, and what it carries: the mail itself first. Of kith-api.
-- $1 message; NULL: the head of a sample
-- name: mail_preview :many
SELECT p.kind, p.locale, p.to_name, p.district, p.district ->> 'locale' AS own_locale, p.about, p.has_task, p.has_stop,
       p.calendar
FROM mail_preview($1::uuid) AS p
ORDER BY p.place;

-- The same of a bulletin, whoever gets it. No row: there is no such bulletin.
-- $1 bulletin, $2 language; NULL: the district's
-- name: bulletin_mail :many
SELECT p.kind, p.locale, p.to_name, p.district, p.district ->> 'locale' AS own_locale, p.about, p.has_task, p.has_stop,
       p.calendar
FROM bulletin_mail($1::uuid, $2::text) AS p;
