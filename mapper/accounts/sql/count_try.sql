-- Purpose: count one more try of a password in a bucket of names; a new quarter hour starts at 1.
-- Parameters: bucket - keyed hash of the name; quarter - quarters of an hour since 1970.
-- Returns: the tries of this quarter hour. Atomic, so parallel tries are all counted.
-- Index: primary key.
INSERT INTO accounts_loginattempt AS attempt (bucket, quarter, tries)
VALUES (%(bucket)s, %(quarter)s, 1)
ON CONFLICT (bucket) DO UPDATE
   SET tries = CASE WHEN attempt.quarter = excluded.quarter THEN attempt.tries + 1 ELSE 1 END,
       quarter = excluded.quarter
RETURNING tries
