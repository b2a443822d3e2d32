-- Which of the district's open needs somebody writes about by the public form.

SET ROLE kith_owner;

ALTER TABLE inquiry
    ADD COLUMN need_id uuid,
    ADD CONSTRAINT inquiry_need_id_fkey FOREIGN KEY (district_id, need_id) REFERENCES need (district_id, id);
CREATE INDEX inquiry_need_id ON inquiry (district_id, need_id, answer_by, id);

RESET ROLE;
