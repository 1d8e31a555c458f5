-- Purpose: how often each value of some keys stands on the objects that OSM shows as devices.
-- Parameters: keys - the keys. Returns key, value, count, and one object that has it.
-- Index: none, the mirror is read whole.
SELECT said.key, said.value, count(*),
       min(element.osm_type || '/' || element.osm_id)
  FROM osm_element AS element
  JOIN sightings_claim AS claim ON claim.id = element.claim_id AND claim.presence = 'there'
 CROSS JOIN LATERAL jsonb_each_text(element.tags) AS said
 WHERE said.key = ANY(%(keys)s)
 GROUP BY said.key, said.value
