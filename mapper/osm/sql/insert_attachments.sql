-- Purpose: the first link of each new claim's chain.
-- Parameters: load - the id of this load, where a decision's would stand. Index: none.
INSERT INTO sightings_attachment (id, claim_id, device_id, follows_id, decision)
SELECT overlay(gen_random_uuid()::text PLACING left(claim_id::text, 8) FROM 1)::uuid,
       claim_id, device_id, NULL, %(load)s
  FROM osm_incoming
 WHERE verdict = 'added'
