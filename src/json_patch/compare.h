/*
 * json_patch/compare.h: values of documents compared, as filters do.
 */
#ifndef JSON_PATCH_COMPARE_H
#define JSON_PATCH_COMPARE_H

#include "threadmem/threadmem.h"

/* Numbers as numbers, text by its bytes; what is of two types is never equal: true is not 1. */
extern bool json_is_equal(const JsonbValue *a, const JsonbValue *b);

/* Of two numbers or two texts, which have an order; false for all others. */
extern bool json_compare(const JsonbValue *a, const JsonbValue *b, int *order);

#endif
