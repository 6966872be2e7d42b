-- json_patch: what changed between two JSON documents, and the change made again. No tables.

CREATE FUNCTION threadmem.json_patch_check(patch jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_check' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_check(jsonb) IS
$$True for a JSON Patch (RFC 6902), an error for anything else: the check of the domain json_patch.
It is not told whether the patch fits a document. Useful alone: in checks of your own tables.
Arguments:
  patch: an array of operations {"op", "path", "from", "value"}; other members are ignored
Errors:
  22023: no JSON Patch; names the operation, counted from 1, and its pointer$$;

CREATE DOMAIN threadmem.json_patch AS jsonb
    CONSTRAINT json_patch_check CHECK (threadmem.json_patch_check(VALUE));
COMMENT ON DOMAIN threadmem.json_patch IS
$$A JSON Patch (RFC 6902): an array of operations add, remove, replace, move, copy and test, whose places are JSON
Pointers (RFC 6901). Null is allowed. Errors: 22023 with the operation, counted from 1, and its pointer. Useful
alone, as the type of a column.$$;

CREATE FUNCTION threadmem.json_diff(old jsonb, new jsonb) RETURNS threadmem.json_patch
    AS 'MODULE_PATHNAME', 'threadmem_json_diff' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_diff(jsonb, jsonb) IS
$$The JSON Patch that makes the new document of the old one, to the digit: 1.10 is not 1.1.
It has the operations add, remove and replace only, is [] for equal documents, always the same for the same two,
and never larger than the one operation that replaces the whole document. Elements of arrays that stay are found
as long as no more than 1,000 others come and go; beyond, elements are compared place by place. Useful alone:
for audit trails, history and synchronisation.
Arguments:
  old, new: any JSON
Errors:
  54001: documents nested too deep$$;

CREATE FUNCTION threadmem.json_patch_apply(doc jsonb, patch jsonb) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_apply' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_apply(jsonb, jsonb) IS
$$The document changed by a JSON Patch (RFC 6902), all of it or an error.
What the patch does not name stays to the digit. A test compares as RFC 6902 section 4.6 says: numbers by value
(1.10 is 1.1), objects in any order. The whole document can be replaced, not removed. Useful alone.
Arguments:
  doc: any JSON
  patch: operations, applied in their order
Errors:
  22023: the operation, counted from 1, its pointer and what is wrong there
  54000: jsonb cannot hold the result$$;

CREATE FUNCTION threadmem.json_patch_test(doc jsonb, patch jsonb) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_test' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_test(jsonb, jsonb) IS
$$Whether json_patch_apply() would succeed, its "test" operations among the rest.
Useful alone: as a guard in WHERE.
Arguments:
  doc: any JSON
  patch: a JSON Patch (RFC 6902); what is none is refused
Errors:
  22023: what is no JSON Patch
  54000: copies on the way outgrow jsonb$$;

CREATE FUNCTION threadmem.json_patch_fold_step(state internal, base jsonb, patch jsonb) RETURNS internal
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_fold_step' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_fold_step(internal, jsonb, jsonb) IS
$$One step of the aggregate json_patch_fold(), which alone can call it.
Arguments:
  state: the document so far; null takes base instead
  base: the document to begin with
  patch: is applied; a null in base or patch skips the row
Errors:
  22023: as json_patch_apply()
  54000: as json_patch_apply()$$;

CREATE FUNCTION threadmem.json_patch_fold_result(state internal) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_json_patch_fold_result' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_patch_fold_result(internal) IS
$$The result of the aggregate json_patch_fold(), which alone can call it.
Arguments:
  state: the document so far; null for that of no rows
Errors:
  54000: jsonb cannot hold the result$$;

CREATE AGGREGATE threadmem.json_patch_fold(base jsonb, patch jsonb)
    (SFUNC = threadmem.json_patch_fold_step, STYPE = internal,
     FINALFUNC = threadmem.json_patch_fold_result, FINALFUNC_MODIFY = READ_ONLY, PARALLEL = SAFE);
COMMENT ON AGGREGATE threadmem.json_patch_fold(jsonb, jsonb) IS
$$An aggregate: a document after many patches, one after the other: json_patch_fold(base, patch ORDER BY n).
The base is read once and the result written once, so a thousand patches cost little more than one. Rows in
which either is null are skipped; no row left gives null, so write coalesce(patch, '[]') where a base may have
no patches. As a window function it gives the document after each. Useful alone.
Arguments:
  base: the document to begin with; that of the first row counts
  patch: applied in the order of the rows
Errors:
  22023: as json_patch_apply()
  54000: as json_patch_apply()$$;

CREATE FUNCTION threadmem.json_remove_keys(document jsonb, remove_keys text[]) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_json_remove_keys' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_remove_keys(jsonb, text[]) IS
$$An object without these keys, as the operator -, for lists of any length.
Its time grows with the number of keys and not with its square. Useful alone.
Arguments:
  document: a JSON object
  remove_keys: keys, of which any may be missing; nulls are ignored
Errors:
  22023: what is no object$$;

CREATE FUNCTION threadmem.json_bytes(document jsonb) RETURNS bigint
    AS 'MODULE_PATHNAME', 'threadmem_json_bytes' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_bytes(jsonb) IS
$$The bytes of a document in jsonb's own form, uncompressed: what limits speak of.
One that is stored is not read for it. pg_column_size() tells what it takes in storage.
Arguments:
  document: any JSON
Errors: none.$$;
