-- Purpose: delete jobs that are over, with their events (ON DELETE CASCADE); the failed ones only
--          once an operator had the time to look. Rows of jobs date and order what people sent:
--          a failed one that names a photo goes at once, the photo's own row says how it stands.
-- Parameters: failed_kept (interval).
-- Index: procrastinate_events_job_id_fkey_v1.
DELETE FROM procrastinate_jobs AS job
WHERE job.status IN ('succeeded', 'cancelled', 'aborted')
   OR (
       job.status = 'failed'
       AND (job.args ? 'photo' OR NOT EXISTS (
           SELECT FROM procrastinate_events AS event
           WHERE event.job_id = job.id AND event.at > now() - %(failed_kept)s::interval
       ))
   );
