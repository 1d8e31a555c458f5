-- Purpose: count one more in a bucket and return how many there are now.
-- Parameters: key (keyed hash, 64 hex digits), hour (whole hours since 1970).
-- Index used: the primary key.
INSERT INTO intake_bucket (key, hour, count)
VALUES (%(key)s, %(hour)s, 1)
ON CONFLICT (key) DO UPDATE SET count = intake_bucket.count + 1
RETURNING count
