-- What kith-mailer says to the database; see sql/functions/79_mailer*.sql.

-- Begins the transaction of a claim. No row: nothing is due.
-- $1 now, $2 domains that rest (JSON), $3 addresses and domains to which alone mails go (JSON; NULL: to all)
-- name: mail_take :maybe
SELECT t.district_id, t.message_id
FROM message_take($1::timestamptz, ARRAY(SELECT jsonb_array_elements_text($2::jsonb)),
                  CASE WHEN $3::text IS NOT NULL
                       THEN ARRAY(SELECT jsonb_array_elements_text($3::jsonb)) END) AS t
WHERE t.message_id IS NOT NULL;

-- Then, for the message that was taken.
-- $1 message, $2 lease in milliseconds, $3 a district's mails of a day
-- name: mail_claim :one
SELECT message_claim($1::uuid, $2::bigint, $3::bigint) AS verdict;

-- By itself, for a message that the claim cannot read.
-- $1 district, $2 message, $3 now
-- name: mail_fail :exec
SELECT message_fail($1::uuid, $2::uuid, $3::timestamptz);

-- Then, for what is to be sent, the attempt and its links.
-- $1 message, $2 attempt, $3 link of the task, $4 its hash, $5 link that ends mails, $6 its hash
-- name: mail_begin :exec
SELECT message_begin($1::uuid, $2::uuid, $3::uuid, $4::text, $5::uuid, $6::text);

-- $1 message
-- name: mail_letter :one
SELECT l.number, l.class, l.topic, l.kind, l.locale, l.to_name, l.to_address, l.from_name,
       l.own_from, l.reply_to, l.slug, l.series_id, l.has_task, l.has_stop, l.district, l.about,
       l.district ->> 'locale' AS own_locale,
       l.invitation IS NOT NULL AS has_invitation,
       (l.invitation ->> 'is_cancelled')::boolean AS is_cancelled,
       l.invitation ->> 'uid' AS uid, l.invitation ->> 'sequence' AS sequence,
       l.invitation ->> 'due_on' AS due_on,
       coalesce(date_part('epoch', (l.invitation ->> 'starts_at')::timestamptz) * 1000, 0)::bigint AS starts_at_ms,
       coalesce(date_part('epoch', (l.invitation ->> 'ends_at')::timestamptz) * 1000, 0)::bigint AS ends_at_ms,
       coalesce(l.invitation ->> 'location', '') AS location, coalesce(l.invitation ->> 'zone', '') AS zone,
       (date_part('epoch', (l.invitation ->> 'stamped_at')::timestamptz) * 1000)::bigint AS stamped_at_ms,
       l.invitation ->> 'organizer_name' AS organizer_name,
       l.invitation ->> 'organizer_address' AS organizer_address
FROM message_letter($1::uuid) AS l;

-- What a mail of duties carries, each as a letter of its own.
-- $1 message
-- name: mail_things :many
SELECT c.id AS message_id, l.number, l.class, l.topic, l.kind, l.locale, l.to_name, l.to_address, l.from_name,
       l.own_from, l.reply_to, l.slug, l.series_id, l.has_task, l.has_stop, l.district, l.about,
       l.district ->> 'locale' AS own_locale,
       l.invitation IS NOT NULL AS has_invitation,
       (l.invitation ->> 'is_cancelled')::boolean AS is_cancelled,
       l.invitation ->> 'uid' AS uid, l.invitation ->> 'sequence' AS sequence,
       l.invitation ->> 'due_on' AS due_on,
       coalesce(date_part('epoch', (l.invitation ->> 'starts_at')::timestamptz) * 1000, 0)::bigint AS starts_at_ms,
       coalesce(date_part('epoch', (l.invitation ->> 'ends_at')::timestamptz) * 1000, 0)::bigint AS ends_at_ms,
       coalesce(l.invitation ->> 'location', '') AS location, coalesce(l.invitation ->> 'zone', '') AS zone,
       (date_part('epoch', (l.invitation ->> 'stamped_at')::timestamptz) * 1000)::bigint AS stamped_at_ms,
       l.invitation ->> 'organizer_name' AS organizer_name,
       l.invitation ->> 'organizer_address' AS organizer_address
FROM message m
CROSS JOIN LATERAL duties_carried(m) WITH ORDINALITY AS c
CROSS JOIN LATERAL message_letter(c.id) AS l
WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = $1::uuid
ORDER BY c.ordinality;

-- The link of one of them: $1 its message, $2 link, $3 its hash.
-- name: mail_thing_link :exec
SELECT message_thing_link($1::uuid, $2::uuid, $3::text);

-- By itself, while the attempt goes on.
-- $1 district, $2 message, $3 attempt's number, $4 lease in milliseconds
-- name: mail_extend :exec
SELECT message_extend($1::uuid, $2::uuid, $3::bigint, $4::bigint);

-- By itself, when it is known what became of the attempt. NULL: another one has begun.
-- $1 district, $2 message, $3 attempt's number, $4 now, $5 outcome, $6 whether the address is bad,
-- $7 the server's code, $8 detail, $9 seconds until the next one
-- name: mail_end :one
SELECT message_end($1::uuid, $2::uuid, $3::bigint, $4::timestamptz, $5::text, $6::boolean, $7::text,
                   $8::text, $9::bigint) AS status;

-- $1 now
-- name: mail_watch :one
SELECT oldest_due_s, in_flight, held FROM messages_watch($1::timestamptz);
