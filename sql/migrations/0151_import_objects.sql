-- Rows may come as objects of JSON: items of an array, or a line each.

SET ROLE kith_owner;

ALTER TABLE import
    DROP CONSTRAINT import_separator_check,
    ADD CONSTRAINT import_separator_check CHECK (separator IN ('comma', 'semicolon', 'tab', 'bar', 'json', 'lines'));

RESET ROLE;
