-- Purpose: the claim of an element that a complete source lacks says that the device is gone.
-- Parameters: month - when, as a partial date, YYYY-MM.
-- Index: primary key of claims.
UPDATE sightings_claim AS claim
   SET presence = 'gone', seen_to = %(month)s
  FROM osm_absent AS absent
 WHERE claim.id = absent.claim_id AND absent.is_absent
