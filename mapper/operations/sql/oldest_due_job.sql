-- Purpose: how long the job that waits longest has been due, in seconds; NULL with none.
--          A job without a date is due since it was deferred or queued again.
-- Parameters: none.
-- Index: procrastinate_jobs_priority_idx_v1, procrastinate_events_job_id_fkey_v1.
SELECT extract(epoch FROM max(now() - waiting.due_at))::float8
FROM (
    SELECT coalesce(
        job.scheduled_at,
        (SELECT max(event.at) FROM procrastinate_events AS event WHERE event.job_id = job.id),
        now()
    ) AS due_at
    FROM procrastinate_jobs AS job
    WHERE job.status = 'todo'
) AS waiting
WHERE waiting.due_at <= now();
