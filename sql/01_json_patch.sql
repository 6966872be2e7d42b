-- json_patch: what changed between two JSON documents, and the change made again. No tables.

CREATE FUNCTION threadmem.json_patch_check(patch jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_check' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_check(jsonb) IS 'True for a JSON Patch (RFC 6902), an error for anything else; the check of the domain json_patch. patch: an array of operations {"op", "path", "from", "value"}; other members are ignored. It is not told whether the patch fits a document. Errors: 22023 with the operation, counted from 1, and its pointer. Useful alone: in checks of your own tables.';

CREATE DOMAIN threadmem.json_patch AS jsonb
    CONSTRAINT json_patch_check CHECK (threadmem.json_patch_check(VALUE));
COMMENT ON DOMAIN threadmem.json_patch IS 'A JSON Patch (RFC 6902): an array of operations add, remove, replace, move, copy and test, whose places are JSON Pointers (RFC 6901). Null is allowed. Errors: 22023 with the operation, counted from 1, and its pointer. Useful alone, as the type of a column.';

CREATE FUNCTION threadmem.json_diff(old jsonb, new jsonb) RETURNS threadmem.json_patch
    AS 'MODULE_PATHNAME', 'threadmem_json_diff' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_diff(jsonb, jsonb) IS 'The patch that makes the new document of the old one, to the digit: 1.10 is not 1.1. old, new: any JSON. It has the operations add, remove and replace only, is [] for equal documents, always the same for the same two, and never larger than the one operation that replaces the whole document. Elements of arrays that stay are found as long as no more than 1,000 others come and go; beyond, elements are compared place by place. Errors: 54001 for documents nested too deep. Useful alone: for audit trails, history and synchronisation.';

CREATE FUNCTION threadmem.json_patch_apply(doc jsonb, patch jsonb) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_apply' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_apply(jsonb, jsonb) IS 'The document changed by a JSON Patch (RFC 6902). doc: any JSON. patch: applied in order, all of it or none. What it does not name stays to the digit. A test compares as RFC 6902 section 4.6 says: numbers by value (1.10 is 1.1), objects in any order. The whole document can be replaced, not removed. Errors: 22023 with the operation, counted from 1, its pointer and what is wrong there; 54000 when jsonb cannot hold the result. Useful alone.';

CREATE FUNCTION threadmem.json_patch_test(doc jsonb, patch jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_test' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_test(jsonb, jsonb) IS 'Whether json_patch_apply() would succeed, its "test" operations among the rest. doc: any JSON. patch: a JSON Patch (RFC 6902); what is none is refused. Errors: 22023 what is no JSON Patch; 54000 when copies on the way outgrow jsonb. Useful alone: as a guard in WHERE.';

CREATE FUNCTION threadmem.json_patch_fold_step(state internal, base jsonb, patch jsonb) RETURNS internal
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_fold_step' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_fold_step(internal, jsonb, jsonb) IS 'One step of the aggregate json_patch_fold(), which alone can call it. state: the document so far; null takes base instead. base: the document to begin with. patch: is applied; a null in one of the two skips the row. Errors: those of json_patch_apply(): 22023, 54000.';

CREATE FUNCTION threadmem.json_patch_fold_result(state internal) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_fold_result' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_fold_result(internal) IS 'The result of the aggregate json_patch_fold(), which alone can call it. state: the document so far; null for that of no rows. Errors: 54000 when jsonb cannot hold the result.';

CREATE AGGREGATE threadmem.json_patch_fold(base jsonb, patch jsonb)
    (SFUNC = threadmem.json_patch_fold_step, STYPE = internal,
     FINALFUNC = threadmem.json_patch_fold_result, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE);
COMMENT ON AGGREGATE threadmem.json_patch_fold(jsonb, jsonb) IS 'A document after many patches: json_patch_fold(base, patch ORDER BY n). base: the document to begin with; that of the first row counts. patch: applied in the order of the rows. The base is read once and the result written once, so a thousand patches cost little more than one. Rows in which either is null are skipped; no row left gives null, so write coalesce(patch, ''[]'') where a base may have no patches. As a window function it gives the document after each. Errors: those of json_patch_apply(): 22023, 54000. Useful alone.';

CREATE FUNCTION threadmem.json_remove_keys(document jsonb, remove_keys text[]) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_json_remove_keys' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_remove_keys(jsonb, text[]) IS 'An object without these keys, as the operator -, in time that grows with the number of keys and not with its square. document: a JSON object. remove_keys: keys, of which any may be missing; nulls are ignored. Errors: 22023 for what is no object. Useful alone.';

CREATE FUNCTION threadmem.json_bytes(document jsonb) RETURNS bigint
    AS 'MODULE_PATHNAME', 'threadmem_json_bytes' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_bytes(jsonb) IS 'The bytes of a document in jsonb''s own form, uncompressed: what limits speak of. document: any JSON; one that is stored is not read for it. pg_column_size() tells what it takes in storage. Errors: none.';
