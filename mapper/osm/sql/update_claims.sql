-- Purpose: let the claims of changed elements say what the elements say now.
-- Parameters: none. SRID: 4326.
-- Index: primary key of claims.
UPDATE sightings_claim AS claim
   SET presence = incoming.claim_presence,
       location = incoming.claim_location,
       attributes = incoming.claim_attributes,
       seen_from = incoming.claim_seen_from,
       seen_to = incoming.claim_seen_to
  FROM osm_incoming AS incoming
 WHERE claim.id = incoming.claim_id
   AND incoming.verdict IN ('changed', 'removed')
   AND incoming.is_claim_new
