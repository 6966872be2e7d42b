/*
 * message/sender.c: who speaks in what comes in.
 *
 * A sender need not be a user. One that is gets its row locked as every user that is named, before
 * the thread: so user_delete() either waits, and erases what was said, or was there first.
 */
#include "message/message.h"

#include "user/user.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#define KEY "sender_id"

static List *
add_senders(List *senders, Jsonb *document)
{
	JsonbIterator *iterator = JsonbIteratorInit(&document->root);
	JsonbIteratorToken token;
	JsonbValue value;
	bool is_sender = false;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_VALUE && is_sender && value.type == jbvString)
			senders = lappend(senders, pnstrdup(value.val.string.val, value.val.string.len));
		is_sender = token == WJB_KEY && value.val.string.len == (int)strlen(KEY) &&
					memcmp(value.val.string.val, KEY, strlen(KEY)) == 0;
	}
	return senders;
}

void
message_lock_senders(Call *call, NullableDatum document, NullableDatum sender_id)
{
	List *senders = sender_id.isnull ? NIL : list_make1(text_or_null(sender_id));
	Jsonb *given = document.isnull ? NULL : DatumGetJsonbP(document.value);

	/* most documents have none, which a look for the bytes tells */
	if (given && memmem(given, VARSIZE(given), KEY, strlen(KEY)))
		senders = add_senders(senders, given);
	if (senders != NIL)
		user_lock_known(call, text_array_of(senders));
}

void
message_lock_exported(Call *call, const MessageDraft *drafts, int count)
{
	Names *known = NULL;
	List *senders = NIL;

	for (int i = 0; i < count; i++)
	{
		const MessageShape *shape = &drafts[i].shape;

		if (!shape->exported || !shape->sender_id)
			continue;
		if (!known)
			known = names_new();
		if (names_take(known, shape->sender_id))
			senders = lappend(senders, shape->sender_id);
	}
	if (senders != NIL)
		user_lock_known(call, text_array_of(senders));
}
