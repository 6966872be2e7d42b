/*
 * reducer/read.c: how reducers read what they are given.
 */
#include "reducer/reducer.h"

#include "miscadmin.h"

JsonbValue
reducer_value(Jsonb *document)
{
	JsonbValue value;

	/* A document that is a scalar is an array of one within. */
	if (!JB_ROOT_IS_SCALAR(document) || !JsonbExtractScalar(&document->root, &value))
		JsonbToJsonbValue(document, &value);
	return value;
}

int
reducer_elements(Jsonb *document, JsonbValue **elements)
{
	JsonbValue root = reducer_value(document);
	JsonbContainer *array = json_as_array(&root);
	JsonbIterator *it;
	JsonbValue value;
	int count = 0;

	*elements = MemoryContextAllocHuge(
		CurrentMemoryContext, sizeof(JsonbValue) * (array ? Max(JsonContainerSize(array), 1) : 1));
	if (array == NULL)
	{
		**elements = root;
		return 1;
	}
	it = JsonbIteratorInit(array);
	(void)JsonbIteratorNext(&it, &value, false);
	while (JsonbIteratorNext(&it, &value, true) == WJB_ELEM)
	{
		CHECK_FOR_INTERRUPTS();
		(*elements)[count++] = value;
	}
	return count;
}

/*
 * What an Overwrite holds, NULL for any other update.  JavaScript writes {"__overwrite__": value},
 * Python's dataclass becomes {"type": "__overwrite__", "value": value}.
 */
JsonbValue *
overwrite_value(Jsonb *update)
{
	JsonbContainer *object = JB_ROOT_IS_OBJECT(update) ? &update->root : NULL;
	JsonbValue *value = json_field(object, "__overwrite__");
	char *type = json_as_text(json_field(object, "type"));

	if (value == NULL && type && strcmp(type, "__overwrite__") == 0)
		value = json_field(object, "value");
	return value;
}
