-- Where mail went out last: a database that finds itself in another place was restored or copied.

CREATE TABLE mail_home (
    one boolean NOT NULL DEFAULT true,
    system_identifier bigint NOT NULL, -- of the server's data, which a dump does not have
    database_oid bigint NOT NULL,
    since timestamptz NOT NULL,
    CONSTRAINT mail_home_pkey PRIMARY KEY (one),
    CONSTRAINT mail_home_one_check CHECK (one)
);
ALTER TABLE mail_home OWNER TO kith_owner;
GRANT SELECT ON mail_home TO kith_backup;
