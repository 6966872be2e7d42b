// Only compiled: what the types say.
import pg from 'pg';
import { errors, json, Threadmem, type ListedMessage, type Thread } from 'threadmem';

const pool: Threadmem = new Threadmem(new pg.Pool(), { tenant: 'acme' });
export const client: Threadmem = new Threadmem(new pg.Client());

export async function uses(): Promise<void> {
  const thread: Thread = await pool.thread_get({ thread_id: 'trip' });
  const there: Thread | null = await pool.thread_get({ thread_id: 'trip', missing_ok: true });
  // @ts-expect-error: there may be none
  const sure: Thread = await pool.thread_get({ thread_id: 'trip', missing_ok: true });
  const title: string | null = thread.title;
  // @ts-expect-error: it may have none
  const long: number = thread.title.length;
  const listed: ListedMessage[] = await pool.message_list({ thread_id: 'trip', after_seq: 5n, max_rows: undefined });
  const seq: number | undefined = listed[0]?.seq;
  // @ts-expect-error: a required argument
  await pool.message_get({ thread_id: 'trip' });
  // @ts-expect-error: no argument of it
  await pool.thread_list({ user: 'ada' });
  await pool.thread_create({ metadata: json(null), created_at: new Date() }).catch((error: unknown) => {
    if (error instanceof errors.BadInput) return error.column;
    throw error;
  });
  const number: number = await pool.transaction(async (calls, within) => {
    await within.query({ text: 'SELECT 1' });
    return calls.thread_count();
  });
  void [there, sure, title, long, seq, number];
}
