-- What somebody who leaves carries, what hangs on few people, and which partners are stuck.

-- No row: there is no such departure.
-- $1 departure, $2 now
-- name: departure_inventory :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT departure_inventory(t.id, 2000)::text AS body FROM departure t
      WHERE t.id = $1::uuid AND $2::text <> '' OFFSET 0) AS d;

-- No row: there is no such one.
-- $1 kind (NULL: partnership), $2 which one (NULL: all), $3 side (NULL: either), $4 at most (NULL: 1), $5 how many
-- are shown (NULL: 200), $6 now
-- name: bus_factor :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT bus_factor_document(coalesce($1::text, 'partnership'), $2::uuid, $3::text, coalesce($4::bigint, 1),
                                 coalesce($5::bigint, 200))::text AS body
      WHERE $6::text <> '' AND ids_there(ARRAY[coalesce($1::text, 'partnership')], ARRAY[$2::uuid]) OFFSET 0) AS d;

-- $1 how many (NULL: 25), $2 now
-- name: stuck_partners :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT stuck_partners(coalesce($1::bigint, 25))::text AS body WHERE $2::text <> '' OFFSET 0) AS d;
