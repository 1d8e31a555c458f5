-- Purpose: let one flag at a time count the hidings of the hour and hide, until the transaction ends.
-- Parameters: none. Index used: none.
SELECT pg_advisory_xact_lock(hashtext('moderation.hidings'))
