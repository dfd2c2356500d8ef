-- A desk's file of schema 1 with a few rows: no findings, no spent statements.
BEGIN TRANSACTION;
CREATE TABLE acts (file VARCHAR NOT NULL, act INTEGER NOT NULL, action VARCHAR NOT NULL, "key" VARCHAR NOT
    NULL, label VARCHAR NOT NULL, at_ms BIGINT NOT NULL, item BIGINT NOT NULL, path VARCHAR NOT NULL, old
    VARCHAR NOT NULL, new VARCHAR NOT NULL, statement VARCHAR NOT NULL, signed VARCHAR NOT NULL, PRIMARY KEY
    (file, act));
CREATE TABLE batches (file VARCHAR NOT NULL, batch INTEGER NOT NULL, party VARCHAR NOT NULL, reference VARCHAR
    NOT NULL, payments BIGINT NOT NULL, currency VARCHAR NOT NULL, total_minor VARCHAR NOT NULL, body BLOB NOT
    NULL, state VARCHAR NOT NULL, due_at_ms BIGINT NOT NULL, valid_from_ms BIGINT NOT NULL, valid_until_ms
    BIGINT NOT NULL, envelope VARCHAR NOT NULL, digest VARCHAR NOT NULL, height BIGINT NOT NULL, time_ms
    BIGINT NOT NULL, code BIGINT NOT NULL, "values" VARCHAR NOT NULL, failed VARCHAR NOT NULL, text VARCHAR
    NOT NULL, text_zh VARCHAR NOT NULL, PRIMARY KEY (file, batch));
CREATE TABLE files (number INTEGER NOT NULL, file VARCHAR NOT NULL, party VARCHAR NOT NULL, name VARCHAR NOT
    NULL, message VARCHAR NOT NULL, message_id VARCHAR NOT NULL, state VARCHAR NOT NULL, version BIGINT NOT
    NULL, digest VARCHAR NOT NULL, uploaded_by VARCHAR NOT NULL, uploaded_label VARCHAR NOT NULL,
    created_at_ms BIGINT NOT NULL, planned_at_ms BIGINT NOT NULL, release_at_ms BIGINT NOT NULL, original BLOB
    NOT NULL, content BLOB NOT NULL, PRIMARY KEY (number), UNIQUE (file));
INSERT INTO "files"
    VALUES(1,'D-1','hengtong','a.xml','pain.001','M1','ready',1,'d','k','maker',1,0,0,X'3C61',X'3C61');
CREATE TABLE limits (party VARCHAR NOT NULL, "key" VARCHAR NOT NULL, currency VARCHAR NOT NULL, most_minor
    VARCHAR NOT NULL, PRIMARY KEY (party, "key", currency));
INSERT INTO "limits" VALUES('hengtong','k','CNY','5000');
CREATE TABLE meta (name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (name));
INSERT INTO "meta" VALUES('version','1');
INSERT INTO "meta" VALUES('chain','c');
CREATE TABLE names (number INTEGER NOT NULL, party VARCHAR NOT NULL, kind VARCHAR NOT NULL, value VARCHAR NOT
    NULL, file VARCHAR NOT NULL, item BIGINT NOT NULL, PRIMARY KEY (number), UNIQUE (party, kind, value));
CREATE TABLE payments (file VARCHAR NOT NULL, item INTEGER NOT NULL, path VARCHAR NOT NULL, line BIGINT NOT
    NULL, end_to_end_id VARCHAR NOT NULL, uetr VARCHAR NOT NULL, currency VARCHAR NOT NULL, amount_minor
    VARCHAR NOT NULL, creditor VARCHAR NOT NULL, creditor_account VARCHAR NOT NULL, state VARCHAR NOT NULL,
    batch BIGINT NOT NULL, place BIGINT NOT NULL, reason VARCHAR NOT NULL, rule VARCHAR NOT NULL, text VARCHAR
    NOT NULL, text_zh VARCHAR NOT NULL, height BIGINT NOT NULL, settled_at_ms BIGINT NOT NULL, digest VARCHAR
    NOT NULL, PRIMARY KEY (file, item));
INSERT INTO "payments"
    VALUES('D-1',1,'/p',3,'E1','','CNY','100','n','a','refused',0,0,'AC03','desk.creditor_account','why','',0,0,'');
CREATE TABLE signatures (file VARCHAR NOT NULL, batch INTEGER NOT NULL, "key" VARCHAR NOT NULL, signature
    VARCHAR NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (file, batch, "key"));
CREATE INDEX files_state ON files (state, number);
CREATE INDEX files_party ON files (party, number);
CREATE INDEX payments_state ON payments (file, state, item);
CREATE INDEX names_file ON names (file);
COMMIT;
