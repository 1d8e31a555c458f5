-- Purpose: which present elements of a region a source that is complete for it does not hold.
-- Parameters: wests, souths, easts, norths - the region's boxes in degrees; data_at - the moment
--          the source knows OSM up to, or NULL: an element edited later can't be in it.
-- SRID: 4326. Index: osm_element is read whole, it is small.
CREATE TEMP TABLE osm_absent ON COMMIT DROP AS
SELECT element.id AS element_id, claim.id AS claim_id, claim.device_id,
       staged.osm_id IS NULL AS is_absent
  FROM osm_element AS element
  JOIN sightings_claim AS claim ON claim.id = element.claim_id AND claim.presence = 'there'
  LEFT JOIN (SELECT osm_type, osm_id FROM osm_staging
             UNION
             SELECT 'node', osm_id FROM osm_unread) AS staged
       USING (osm_type, osm_id)
 WHERE cardinality(%(wests)s::float8[]) > 0 -- else nothing is read
   AND EXISTS (
           SELECT 1
             FROM unnest(%(wests)s::float8[], %(souths)s::float8[], %(easts)s::float8[],
                         %(norths)s::float8[]) AS box (west, south, east, north)
            WHERE ST_Intersects(element.location,
                                ST_MakeEnvelope(west, south, east, north, 4326)))
   -- A removal that is held, or that a moderator has left out, comes by no absence either.
   AND NOT EXISTS (SELECT 1 FROM osm_heldchange AS held
                    WHERE held.element_id = element.id AND held.reason = 'removed')
   AND (staged.osm_id IS NOT NULL
        OR element.timestamp IS NULL
        OR %(data_at)s::timestamptz IS NULL
        OR element.timestamp <= %(data_at)s::timestamptz)
