/*
 * admin/verify.h: what the files of threadmem_verify() share.
 */
#ifndef ADMIN_VERIFY_H
#define ADMIN_VERIFY_H

#include "query/query.h"

/* Adds what is wrong with the facts and entities of the tenant at hand to the set. */
extern void verify_facts(Call *call);

#endif
