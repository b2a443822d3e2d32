-- What other mail systems say of mails that they had taken: that they bounced, or that somebody complained.

SET ROLE kith_owner;

CREATE TABLE mail_report (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    kind text NOT NULL,
    status text, -- RFC 3463, where it says one
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT mail_report_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT mail_report_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT mail_report_message_id_fkey FOREIGN KEY (district_id, message_id)
        REFERENCES message (district_id, id),
    CONSTRAINT mail_report_kind_key UNIQUE (district_id, message_id, kind),
    CONSTRAINT mail_report_kind_check CHECK (kind IN ('hard', 'soft', 'policy', 'complaint')),
    CONSTRAINT mail_report_status_check CHECK (char_length(status) <= 32)
);
CREATE INDEX mail_report_message_id ON mail_report (district_id, message_id, created_at, id);
CREATE INDEX mail_report_kind ON mail_report (district_id, kind, created_at, id);
CREATE INDEX mail_report_created_at ON mail_report (district_id, created_at, id);
CREATE INDEX mail_report_updated_at ON mail_report (district_id, updated_at, id);
GRANT SELECT, INSERT, UPDATE ON mail_report TO kith_api;

-- The sender's address of an attempt names it, and nothing else does.
CREATE INDEX message_attempt_id ON message_attempt (id);

-- Of soft bounces of an address.
CREATE INDEX message_to_address ON message (district_id, to_address, created_at);

RESET ROLE;
