-- Purpose: the devices of the claims that a load changed, but those that project_alone.sql did.
-- Parameters: none. Index: none, the tables of the load are read whole.
-- A claim that a moderator took off all devices stays off: its device is NULL.
SELECT device_id
  FROM (SELECT device_id FROM osm_incoming
         WHERE verdict IN ('changed', 'removed') AND is_claim_new
        UNION
        SELECT device_id FROM osm_absent WHERE is_absent) AS touched
 WHERE device_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM sightings_projected AS projected WHERE projected.id = device_id)
 ORDER BY device_id
